@NullMarked
package dev.skein.local.model;

import org.jspecify.annotations.NullMarked;
