@NullMarked
package dev.skein.llm;

import org.jspecify.annotations.NullMarked;
