/** What tests of functions behind API Gateway share. */
@NullMarked
package dev.skein.api.testing;

import org.jspecify.annotations.NullMarked;
