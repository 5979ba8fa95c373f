@NullMarked
package dev.skein.functions.analyze;

import org.jspecify.annotations.NullMarked;
