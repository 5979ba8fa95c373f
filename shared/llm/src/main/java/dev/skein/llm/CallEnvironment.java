package dev.skein.llm;

import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** What all calls of a client share. Thread-safe. */
record CallEnvironment(
    Transport transport,
    Endpoints endpoints,
    LlmLimits limits,
    RetryPolicy retryPolicy,
    RetryBudget budget,
    World world) {

  static CallEnvironment of(
      LlmConfig config, Optional<EndpointSource> source, Transport transport, World world) {
    LlmLimits limits = config.limits();
    return new CallEnvironment(
        transport,
        new Endpoints(config, source, world),
        limits,
        new RetryPolicy(world.random()),
        new RetryBudget(limits.retryBudget()),
        world);
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
      RandomGenerator random,
      InstantSource clock,
      LongSupplier nanoTime) {}
}
