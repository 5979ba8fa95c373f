package dev.skein.llm;

import dev.skein.llm.LlmRequest.ReplyMode;
import java.time.Duration;

/**
 * The limits of a call within its deadline.
 *
 * @param connect until a connection is open, 100 ms to 60 s
 * @param firstByte from sending an attempt that asks for a stream until the head of its reply, 100
 *     ms to 15 min
 * @param firstToken from sending an attempt that asks for a stream until its first token, and
 *     between two tokens, 100 ms to 15 min
 * @param stall between two lines of a body that has begun, 100 ms to 15 min
 * @param wholeReply from sending an attempt that does not ask for a stream until the end of its
 *     reply, 100 ms to 15 min
 * @param thinkingTokens how much the token limit of a short answer is raised for a model that
 *     thinks, 0 to 100,000
 * @param maxRetries attempts at one endpoint after the first, 0 to 10
 * @param retryBudget retries that this environment may make beyond a fifth of its calls, 0 to
 *     100,000
 * @param breakerFailures consecutive failures of an endpoint that open its circuit breaker, 1 to
 *     100,000
 */
public record LlmLimits(
    Duration connect,
    Duration firstByte,
    Duration firstToken,
    Duration stall,
    Duration wholeReply,
    int thinkingTokens,
    int maxRetries,
    int retryBudget,
    int breakerFailures) {

  /** The limits where no setting says otherwise. */
  public static final LlmLimits DEFAULTS =
      new LlmLimits(
          Duration.ofSeconds(3),
          Duration.ofSeconds(30),
          Duration.ofMinutes(3),
          Duration.ofSeconds(15),
          Duration.ofMinutes(5),
          2048,
          2,
          10,
          5);

  /**
   * The largest reply of which only the text is used, in bytes; of a stream, its text and its
   * largest event.
   */
  static final int MAX_TEXT_REPLY_BYTES = 1 << 20;

  /**
   * The largest reply that is passed on, and the largest error, which may repeat the request, in
   * bytes; of a stream, its largest event, and all of it where it is held back until its end. An
   * image or audio in base64 is one string of several MB.
   */
  public static final int MAX_PASSED_REPLY_BYTES = 16 << 20;

  /** The largest stream that is accepted, in bytes: the chunk of a token has some hundred. */
  static final int MAX_STREAM_BYTES = 64 << 20;

  /** The largest reply of this mode, in bytes. */
  static int maxReplyBytes(ReplyMode mode) {
    return switch (mode) {
      case TEXT_ONLY -> MAX_TEXT_REPLY_BYTES;
      case PASS_THROUGH -> MAX_PASSED_REPLY_BYTES;
    };
  }
}
