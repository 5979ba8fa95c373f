@NullMarked
package dev.skein.local.parts;

import org.jspecify.annotations.NullMarked;
