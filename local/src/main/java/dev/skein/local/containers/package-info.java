/** Makes the local services reachable from containers. */
@NullMarked
package dev.skein.local.containers;

import org.jspecify.annotations.NullMarked;
