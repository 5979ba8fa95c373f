/** The Lambda authorizer of the API: it hands callers' keys to API Gateway. */
@NullMarked
package dev.skein.functions.authorizer;

import org.jspecify.annotations.NullMarked;
