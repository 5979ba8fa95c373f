/**
 * The Lambda runtime loop: asks for events and posts responses as they are written. What decides a
 * cold start is the number of classes loaded, so that the way to the first response has no lambdas,
 * streams, regular expressions or formats in it.
 */
@NullMarked
package dev.skein.runtime;

import org.jspecify.annotations.NullMarked;
