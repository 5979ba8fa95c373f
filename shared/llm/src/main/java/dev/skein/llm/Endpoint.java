package dev.skein.llm;

import dev.skein.llm.Attempt.Cause;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint, and what this environment has learned of it. Thread-safe. */
final class Endpoint {
  /** Less silence than this tells more about a caller's patience than about the endpoint. */
  private static final Duration TELLING_SILENCE = Duration.ofSeconds(5);

  private final LlmEndpoint config;
  private final boolean first;
  private final Breaker breaker;

  /** About as many connections as the pool keeps; it does not tell. */
  private final AtomicInteger idleConnections = new AtomicInteger();

  Endpoint(LlmEndpoint config, boolean first, Breaker breaker) {
    this.config = config;
    this.first = first;
    this.breaker = breaker;
  }

  LlmEndpoint config() {
    return config;
  }

  Breaker breaker() {
    return breaker;
  }

  /** The caller chooses among the first endpoint's models; the others have one each. */
  String modelFor(LlmRequest request) {
    return first ? request.model() : config.model();
  }

  /** An exchange begins. Returns whether its connection is most likely one from the pool. */
  boolean takeConnection() {
    return idleConnections.getAndUpdate(idle -> Math.max(0, idle - 1)) > 0;
  }

  /**
   * An exchange has ended.
   *
   * @param reused what {@link #takeConnection} said
   * @param lasted since it began
   */
  void learn(Attempt attempt, boolean reused, Duration lasted) {
    switch (attempt) {
      case Attempt.Answered answer -> {
        idleConnections.incrementAndGet();
        judge(answer.status() < 500 && answer.status() != 408);
      }
      case Attempt.Streamed(LlmOutcome outcome) -> {
        if (outcome instanceof LlmOutcome.Completed) {
          idleConnections.incrementAndGet();
        }
        judge(!(outcome instanceof LlmOutcome.Cut));
      }
      case Attempt.TooLarge() -> judge(true);
      case Attempt.BrokenOff _, Attempt.Garbled _ -> judge(false);
      case Attempt.Unreached(Cause cause) -> {
        boolean stale = cause == Cause.CLOSED && reused;
        boolean brief = cause == Cause.SILENT && lasted.compareTo(TELLING_SILENCE) < 0;
        if (!stale && !brief) {
          judge(false);
        }
      }
    }
  }

  private void judge(boolean sound) {
    if (sound) {
      breaker.sound();
    } else {
      breaker.fault();
    }
  }
}
