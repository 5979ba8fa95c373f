/**
 * The audit record, its JSON form, its delivery, and the hash chain over stored records.
 *
 * <p>Enter at {@link dev.skein.audit.AuditTrail} to send records, at {@link
 * dev.skein.audit.AuditField} to read them, and at {@link dev.skein.audit.ChainLink} to verify
 * them.
 */
@NullMarked
package dev.skein.audit;

import org.jspecify.annotations.NullMarked;
