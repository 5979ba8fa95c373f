/** The OpenAPI document, and a page that shows it. */
@NullMarked
package dev.skein.functions.docs;

import org.jspecify.annotations.NullMarked;
