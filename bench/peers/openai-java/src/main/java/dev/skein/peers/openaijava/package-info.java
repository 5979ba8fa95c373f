/** The same chat with OpenAI's client for Java. */
@NullMarked
package dev.skein.peers.openaijava;

import org.jspecify.annotations.NullMarked;
