/** The offline stand-in for a model: no download, no key, and deterministic replies. */
@NullMarked
package dev.skein.local.model;

import org.jspecify.annotations.NullMarked;
