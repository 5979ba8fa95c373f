@NullMarked
package dev.skein.console;

import org.jspecify.annotations.NullMarked;
