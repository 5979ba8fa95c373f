/**
 * Makes a function's zip that contains its own JVM and an AOT cache, by running the function on
 * sample events.
 */
@org.jspecify.annotations.NullMarked
package dev.skein.aot;
