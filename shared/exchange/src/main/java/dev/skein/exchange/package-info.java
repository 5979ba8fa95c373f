@NullMarked
package dev.skein.exchange;

import org.jspecify.annotations.NullMarked;
