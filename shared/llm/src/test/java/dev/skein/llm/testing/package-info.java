/** A scripted model server, and what a test says to it and reads from it. */
@NullMarked
package dev.skein.llm.testing;

import org.jspecify.annotations.NullMarked;
