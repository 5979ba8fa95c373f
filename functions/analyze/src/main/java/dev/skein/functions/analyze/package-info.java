/** {@code POST /analyze} and {@code POST /summaries}: many small calls at once. */
@NullMarked
package dev.skein.functions.analyze;

import org.jspecify.annotations.NullMarked;
