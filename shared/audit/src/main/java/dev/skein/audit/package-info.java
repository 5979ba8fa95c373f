/**
 * The audit record, its JSON form, and its delivery.
 *
 * <p>Enter at {@link dev.skein.audit.AuditTrail} to send records, at {@link
 * dev.skein.audit.AuditField} to read them.
 */
@NullMarked
package dev.skein.audit;

import org.jspecify.annotations.NullMarked;
