@NullMarked
package dev.skein.functions.audit;

import org.jspecify.annotations.NullMarked;
