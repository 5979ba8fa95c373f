/**
 * The audit record and its way onto the queue.
 *
 * <p>Enter at {@link dev.skein.audit.AuditTrail}.
 */
@NullMarked
package dev.skein.audit;

import org.jspecify.annotations.NullMarked;
