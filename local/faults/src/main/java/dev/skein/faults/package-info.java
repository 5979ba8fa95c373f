/** A scripted model server, and what a test says to it and reads from it. */
@NullMarked
package dev.skein.faults;

import org.jspecify.annotations.NullMarked;
