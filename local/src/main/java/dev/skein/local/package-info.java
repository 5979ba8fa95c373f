@NullMarked
package dev.skein.local;

import org.jspecify.annotations.NullMarked;
