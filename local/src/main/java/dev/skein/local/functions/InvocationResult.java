package dev.skein.local.functions;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How one invocation of a function ended. */
public sealed interface InvocationResult {

  /**
   * The function returned.
   *
   * @param payload what it returned, at most 6 MB; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Answered(byte[] payload) implements InvocationResult {}

  /**
   * The function's response has begun, and comes piece by piece. Whoever has this reads it to its
   * end or abandons it: the environment is busy until then.
   *
   * @param body the prelude and the body as they come; it ends with -1 at a good end and at a bad
   *     one, and throws nothing
   * @param end completes once {@code body} is at its end: empty after a good one, else what broke
   *     it
   */
  record Streamed(InputStream body, CompletableFuture<Optional<InvocationResult>> end)
      implements InvocationResult {

    /** Reads no more of it; the function learns that nobody does. */
    public void abandon() {
      try {
        body.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The function threw, or answered with more than 6 MB. */
  record Failed(String type, String message) implements InvocationResult {}

  /** The function ran longer than its Timeout, and its process was killed. */
  record TimedOut(Duration limit) implements InvocationResult {}

  /** The process ended without an answer, or could not be initialised. */
  record Ended(String why) implements InvocationResult {}

  /** The caller's patience ended while the function still ran; it runs on, as in the cloud. */
  record Late() implements InvocationResult {}

  /** Every environment was busy for as long as the caller could wait, or too many waited. */
  record Throttled() implements InvocationResult {}

  /** The event is larger than the 6 MB that a function takes. */
  record TooLarge() implements InvocationResult {}
}
