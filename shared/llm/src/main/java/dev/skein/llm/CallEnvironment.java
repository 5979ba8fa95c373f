package dev.skein.llm;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** What all calls of a client share. Thread-safe. */
record CallEnvironment(
    Transport transport,
    List<Endpoint> endpoints,
    LlmLimits limits,
    RetryPolicy retryPolicy,
    RetryBudget budget,
    World world) {

  static CallEnvironment of(LlmConfig config, Transport transport, World world) {
    LlmLimits limits = config.limits();
    return new CallEnvironment(
        transport,
        IntStream.range(0, config.endpoints().size())
            .mapToObj(index -> endpoint(config, index, world))
            .toList(),
        limits,
        new RetryPolicy(world.random()),
        new RetryBudget(limits.retryBudget()),
        world);
  }

  private static Endpoint endpoint(LlmConfig config, int index, World world) {
    LlmLimits limits = config.limits();
    Duration silence = Endpoint.MAX_CONCLUSIVE_SILENCE;
    return new Endpoint(
        config.endpoints().get(index),
        index == 0,
        new CircuitBreaker(limits.breakerFailures(), world.nanoTime()),
        limits.firstByte().compareTo(silence) < 0 ? limits.firstByte() : silence);
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
