@NullMarked
package dev.skein.api;

import org.jspecify.annotations.NullMarked;
