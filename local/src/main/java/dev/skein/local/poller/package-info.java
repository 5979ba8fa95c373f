@NullMarked
package dev.skein.local.poller;

import org.jspecify.annotations.NullMarked;
