/** The offline stand-in for a model: no download, no key, and the same answer every time. */
@NullMarked
package dev.skein.local.model;

import org.jspecify.annotations.NullMarked;
