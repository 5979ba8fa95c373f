@NullMarked
package dev.skein.base;

import org.jspecify.annotations.NullMarked;
