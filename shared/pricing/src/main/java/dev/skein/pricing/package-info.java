/**
 * What a call costs, exactly or not at all: a table of prices as data, and integer arithmetic over
 * it.
 *
 * <p>Enter at {@link dev.skein.pricing.PriceTable}.
 */
@NullMarked
package dev.skein.pricing;

import org.jspecify.annotations.NullMarked;
