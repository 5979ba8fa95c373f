/** The house held against its plan and its documents. */
@NullMarked
package dev.skein.local.house;

import org.jspecify.annotations.NullMarked;
