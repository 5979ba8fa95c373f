/** Tests of the OpenAPI document, and what other tests ask of it. */
@NullMarked
package dev.skein.local.openapi;

import org.jspecify.annotations.NullMarked;
