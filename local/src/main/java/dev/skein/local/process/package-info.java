@NullMarked
package dev.skein.local.process;

import org.jspecify.annotations.NullMarked;
