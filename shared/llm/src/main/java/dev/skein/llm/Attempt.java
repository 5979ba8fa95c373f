package dev.skein.llm;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;

/** How one exchange on the wire ended. */
sealed interface Attempt {

  /**
   * A whole answer came.
   *
   * @param body all of it, never consumed by a reader
   */
  record Answered(int status, HttpHeaders headers, ByteBuffer body) implements Attempt {}

  /** The answer began, and its connection ended before it was whole. */
  record BrokenOff() implements Attempt {}

  /** The answer is larger than any reply that we take. */
  record TooLarge() implements Attempt {}

  /**
   * No byte of an answer came.
   *
   * @param repeatable whether another connection may fare better
   */
  record Unreached(boolean repeatable) implements Attempt {}
}
