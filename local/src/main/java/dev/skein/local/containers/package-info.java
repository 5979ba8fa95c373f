/** What lets a function in a container reach the parts on this machine. */
@NullMarked
package dev.skein.local.containers;

import org.jspecify.annotations.NullMarked;
