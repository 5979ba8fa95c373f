/** A small HTTP/1.1 server that leaves responses, timing and connections to its user. */
@NullMarked
package dev.skein.http;

import org.jspecify.annotations.NullMarked;
