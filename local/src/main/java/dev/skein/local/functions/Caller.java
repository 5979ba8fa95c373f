package dev.skein.local.functions;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits for an invocation, and for how long.
 *
 * @param environmentWait the longest wait for an execution environment; then the event is throttled
 * @param timeout the longest wait for the response, including for an environment and its
 *     initialization
 * @param reserved whether the event may use the environment that is kept free of other events
 * @param trace the X-Ray header of its trace; empty if it has none
 * @param disconnected completes, with any value, when the caller no longer waits
 */
public record Caller(
    Duration environmentWait,
    Duration timeout,
    boolean reserved,
    Optional<String> trace,
    CompletableFuture<Void> disconnected) {

  /** A caller that waits as long for an environment as for the response, and never disconnects. */
  public static Caller patient(Duration timeout) {
    return new Caller(timeout, timeout, false, Optional.empty(), new CompletableFuture<>());
  }
}
