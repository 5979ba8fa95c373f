/**
 * The stored audit trail: the consumer of the queue writes it, and {@code GET /audit} reads it.
 *
 * <p>Enter at {@link dev.skein.functions.audit.AuditConsumerFunction} and {@link
 * dev.skein.functions.audit.AuditReaderFunction}.
 */
@NullMarked
package dev.skein.functions.audit;

import org.jspecify.annotations.NullMarked;
