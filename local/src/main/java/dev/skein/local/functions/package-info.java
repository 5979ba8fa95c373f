@NullMarked
package dev.skein.local.functions;

import org.jspecify.annotations.NullMarked;
