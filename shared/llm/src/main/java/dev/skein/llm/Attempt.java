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

  /** A stream of events came, and came to this. */
  record Streamed(LlmOutcome outcome) implements Attempt {}

  /** The answer began, and broke off before it was whole. */
  record BrokenOff(String what) implements Attempt {}

  /** What came is not HTTP. */
  record Garbled() implements Attempt {}

  /** The answer is larger than any reply that we take. */
  record TooLarge() implements Attempt {}

  /** No byte of an answer came. */
  record Unreached(Cause cause) implements Attempt {}

  /** Why no answer came. */
  enum Cause {
    /** No connection: refused, no such host, or not in time. */
    CONNECT,
    /** The connection ended, perhaps long ago while it lay idle. */
    CLOSED,
    /** The other side is not who it should be, or speaks no TLS: it does not get better. */
    TLS,
    /** Nothing came for as long as we wait. */
    SILENT
  }
}
