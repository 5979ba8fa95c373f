/**
 * The two ends of the stored audit trail: the queue's consumer, which writes it, and {@code GET
 * /audit}, which reads it.
 *
 * <p>Enter at {@link dev.skein.functions.audit.AuditConsumerFunction} and {@link
 * dev.skein.functions.audit.AuditReaderFunction}.
 */
@NullMarked
package dev.skein.functions.audit;

import org.jspecify.annotations.NullMarked;
