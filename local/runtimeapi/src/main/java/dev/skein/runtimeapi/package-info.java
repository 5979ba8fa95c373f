/** The server's side of the Lambda Runtime API: what a function's runtime asks and answers. */
@NullMarked
package dev.skein.runtimeapi;

import org.jspecify.annotations.NullMarked;
