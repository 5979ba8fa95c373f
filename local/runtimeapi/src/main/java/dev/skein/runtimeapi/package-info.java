/**
 * The server of the Lambda Runtime API, from which a function's runtime gets events and to which it
 * posts results.
 */
@NullMarked
package dev.skein.runtimeapi;

import org.jspecify.annotations.NullMarked;
