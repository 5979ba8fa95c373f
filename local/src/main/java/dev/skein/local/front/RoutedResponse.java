package dev.skein.local.front;

import dev.skein.local.functions.InvocationResult;

/** An answer and what a person is told about it. */
sealed interface RoutedResponse {

  /** The same, from a function that was started for it. */
  RoutedResponse cold();

  /**
   * All at once.
   *
   * @param detail the function, or why none was called
   */
  record Whole(ProxyResponse answer, boolean coldStart, String detail) implements RoutedResponse {

    @Override
    public Whole cold() {
      return new Whole(answer, true, detail);
    }
  }

  /**
   * As it comes.
   *
   * @param head status and headers, without a body
   * @param stream the rest; at its body's first byte
   * @param detail the function
   */
  record Streamed(
      ProxyResponse head, InvocationResult.Streamed stream, boolean coldStart, String detail)
      implements RoutedResponse {

    @Override
    public Streamed cold() {
      return new Streamed(head, stream, true, detail);
    }
  }
}
