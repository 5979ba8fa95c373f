/**
 * One audited exchange with the model: what chat and analyze have in common.
 *
 * <p>Enter at {@link dev.skein.exchange.AuditedExchange}; {@link
 * dev.skein.exchange.ModelEnvironment} builds what it needs, once.
 */
@NullMarked
package dev.skein.exchange;

import org.jspecify.annotations.NullMarked;
