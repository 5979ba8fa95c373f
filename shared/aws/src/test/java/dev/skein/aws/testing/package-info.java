/** A server that checks signatures, for the tests of what calls AWS. */
@NullMarked
package dev.skein.aws.testing;

import org.jspecify.annotations.NullMarked;
