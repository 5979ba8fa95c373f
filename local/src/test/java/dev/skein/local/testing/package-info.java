@NullMarked
package dev.skein.local.testing;

import org.jspecify.annotations.NullMarked;
