package dev.skein.llm;

import dev.skein.llm.LlmOutcome.Limit;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;

/** How one attempt ended: one request that was sent to one endpoint. */
sealed interface AttemptResult {

  /**
   * A complete reply, which was not a stream of chunks.
   *
   * @param body the whole body; its position is never moved
   */
  record Answered(int status, HttpHeaders headers, ByteBuffer body) implements AttemptResult {}

  /** A stream of chunks, already interpreted. */
  record Streamed(LlmOutcome outcome) implements AttemptResult {}

  /** The reply began, and broke off before it was complete. */
  record BrokenOff(String reason) implements AttemptResult {}

  /** The bytes received are not HTTP. */
  record Garbled() implements AttemptResult {}

  /**
   * The reply exceeds a limit of {@link LlmLimits}, and was not read to its end.
   *
   * @param size the bytes that were declared or received by then
   * @param limit in bytes
   */
  record TooLarge(long size, long limit) implements AttemptResult {}

  /** No reply was received, because the endpoint was out of reach. */
  record Unreached(Cause cause) implements AttemptResult {}

  /** No answer had begun when the limit passed, or a reply that is not streamed had not ended. */
  record Silent(Limit limit) implements AttemptResult {}

  /** Skein ended the attempt: its deadline passed, or the caller left. */
  record Stopped(LlmOutcome outcome) implements AttemptResult {}

  /** Why no reply was received. */
  enum Cause {
    /** No connection: refused, unknown host, or not within the connect timeout. */
    CONNECT,
    /** The connection was closed, perhaps while it sat idle in the pool. */
    CLOSED,
    /** The TLS handshake failed, which does not get better by trying again. */
    TLS
  }
}
