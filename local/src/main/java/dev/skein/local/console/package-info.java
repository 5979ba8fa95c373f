@NullMarked
package dev.skein.local.console;

import org.jspecify.annotations.NullMarked;
