/** The same chat as most Java functions would have it. */
@NullMarked
package dev.skein.peers.javasdk;

import org.jspecify.annotations.NullMarked;
