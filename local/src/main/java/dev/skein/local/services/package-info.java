@NullMarked
package dev.skein.local.services;

import org.jspecify.annotations.NullMarked;
