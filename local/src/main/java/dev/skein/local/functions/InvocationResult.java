package dev.skein.local.functions;

import dev.skein.runtimeapi.RuntimeApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The result of one invocation of a function. */
public sealed interface InvocationResult {

  /**
   * The function returned a response.
   *
   * @param payload at most 6 MB; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Returned(byte[] payload) implements InvocationResult {}

  /**
   * The function started to stream its response. Whoever receives this reads it to its end or
   * abandons it; the environment is busy until then.
   *
   * @param body the prelude and the body. It ends with -1 whether the stream is complete or broken,
   *     and throws no exception
   * @param end completes at the end of {@code body}: empty if it is complete, else what broke it
   */
  record Streamed(InputStream body, CompletableFuture<Optional<InvocationResult>> end)
      implements InvocationResult {

    /** Stops reading, which the function notices. */
    public void abandon() {
      try {
        body.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The function threw an exception, or returned more than 6 MB. */
  record Failed(String type, String message) implements InvocationResult {}

  /** The function exceeded its Timeout, and its process was killed. */
  record TimedOut(Duration limit) implements InvocationResult {}

  /** The process ended without a response, or could not be initialized. */
  record Ended(String why) implements InvocationResult {}

  /** The caller's wait ended first; the function keeps running, as in the cloud. */
  record StillRunning() implements InvocationResult {}

  /**
   * The caller disconnected before the response.
   *
   * @param invoked whether the function was invoked; then it keeps running, as in the cloud
   */
  record Disconnected(boolean invoked) implements InvocationResult {}

  /** Every environment was busy for as long as the caller could wait, or too many events waited. */
  record Throttled() implements InvocationResult {}

  /** The event is larger than 6 MB. */
  record TooLarge() implements InvocationResult {}

  /** Why there is no complete response, for a message; empty if there is one. */
  default String reason() {
    return switch (this) {
      case Returned _, Streamed _ -> "";
      case Failed(String type, String message) -> "failed with " + type + ": " + message;
      case TimedOut(Duration limit) ->
          "exceeded its Timeout of %d s and was killed".formatted(limit.toSeconds());
      case Ended(String why) -> why;
      case StillRunning _ -> "is still running";
      case Disconnected(boolean invoked) ->
          "the caller disconnected" + (invoked ? "" : " before the function was invoked");
      case Throttled _ -> "every environment is busy";
      case TooLarge _ -> "the event is larger than 6 MB";
    };
  }

  /** Whether a stream broke because its reader abandoned it. */
  static boolean isAbandoned(InvocationResult end) {
    return end instanceof Failed(String type, String _) && type.equals(RuntimeApi.ABANDONED);
  }
}
