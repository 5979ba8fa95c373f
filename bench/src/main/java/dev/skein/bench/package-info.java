/** Measures the chat function from outside: its zip, in a process of its own. */
@NullMarked
package dev.skein.bench;

import org.jspecify.annotations.NullMarked;
