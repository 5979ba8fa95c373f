/** A model server that plays the replies of a test, and records the requests. */
@NullMarked
package dev.skein.faults;

import org.jspecify.annotations.NullMarked;
