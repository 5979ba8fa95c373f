/** {@code POST /chat}: one completion. */
@NullMarked
package dev.skein.functions.chat;

import org.jspecify.annotations.NullMarked;
