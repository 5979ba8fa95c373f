package dev.skein.local.front;

/**
 * An answer and what a person is told about it.
 *
 * @param detail the function, or why none was called
 */
record Served(HttpAnswer answer, boolean coldStart, String detail) {

  Served cold() {
    return new Served(answer, true, detail);
  }
}
