@NullMarked
package dev.skein.local.template;

import org.jspecify.annotations.NullMarked;
