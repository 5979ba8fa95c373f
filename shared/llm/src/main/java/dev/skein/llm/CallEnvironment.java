package dev.skein.llm;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** What all calls of a client share. Thread-safe. */
record CallEnvironment(
    Transport transport,
    List<Endpoint> endpoints,
    LlmLimits limits,
    RetryBudget budget,
    World world) {

  static CallEnvironment of(LlmConfig config, Transport transport, World world) {
    var limits = config.limits();
    var first = config.endpoints().getFirst();
    var endpoints =
        config.endpoints().stream()
            .map(
                endpoint ->
                    new Endpoint(
                        endpoint,
                        endpoint.equals(first),
                        new CircuitBreaker(limits.breakerFailures(), world.nanoTime())))
            .toList();
    return new CallEnvironment(
        transport, endpoints, limits, new RetryBudget(limits.retryBudget()), world);
  }

  /**
   * Time, randomness and threads; tests bring their own.
   *
   * @param threads starts a new thread for each task
   * @param clock the time of day, in which a provider may say when to come back
   * @param nanoTime a monotonic clock
   */
  record World(
      Executor threads,
      Mailbox.Factory mailboxes,
      RetryPolicy retryPolicy,
      InstantSource clock,
      LongSupplier nanoTime) {}
}
