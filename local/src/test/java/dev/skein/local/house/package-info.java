/**
 * Tests of the repository as a whole: the architecture rules, the settings and the documentation.
 */
@NullMarked
package dev.skein.local.house;

import org.jspecify.annotations.NullMarked;
