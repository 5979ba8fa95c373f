/**
 * The Lambda runtime loop: requests events and sends responses as they are written. A cold start
 * takes longer with every class that is loaded, so the code up to the first response uses no
 * lambdas, streams, regular expressions or format strings.
 */
@NullMarked
package dev.skein.runtime;

import org.jspecify.annotations.NullMarked;
