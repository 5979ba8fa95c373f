@NullMarked
package dev.skein.local.front;

import org.jspecify.annotations.NullMarked;
