@NullMarked
package dev.skein.local.handlers;

import org.jspecify.annotations.NullMarked;
