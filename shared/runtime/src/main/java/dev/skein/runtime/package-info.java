/**
 * The Lambda runtime loop: asks for events and posts responses as they are written. The number of
 * loaded classes decides a cold start, so the code up to the first response uses no lambdas,
 * streams, regular expressions or format strings.
 */
@NullMarked
package dev.skein.runtime;

import org.jspecify.annotations.NullMarked;
