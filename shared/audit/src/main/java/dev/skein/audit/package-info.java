@NullMarked
package dev.skein.audit;

import org.jspecify.annotations.NullMarked;
