/** What tests of functions that call the model share. */
@NullMarked
package dev.skein.exchange.testing;

import org.jspecify.annotations.NullMarked;
