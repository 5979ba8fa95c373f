package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint, and what this environment knows about it. Thread-safe. */
final class Endpoint {
  /** A shorter silence usually says more about a caller's deadline than about the endpoint. */
  static final Duration MAX_CONCLUSIVE_SILENCE = Duration.ofSeconds(5);

  private volatile LlmEndpoint config;
  private final boolean first;
  private final CircuitBreaker breaker;
  private final Duration minConclusiveSilence;

  /** By model: what is known by documentation, by the operator and by its replies. */
  private final Map<String, ModelProfile> profiles = new ConcurrentHashMap<>();

  /** An estimate of the idle connections in the pool, which does not report them. */
  private final AtomicInteger idleConnections = new AtomicInteger();

  /**
   * An endpoint that was not called yet.
   *
   * @param minConclusiveSilence the shortest silence that counts as a failure
   */
  Endpoint(
      LlmEndpoint config, boolean first, CircuitBreaker breaker, Duration minConclusiveSilence) {
    this.config = config;
    this.first = first;
    this.breaker = breaker;
    this.minConclusiveSilence = minConclusiveSilence;
  }

  LlmEndpoint config() {
    return config;
  }

  /** Whether {@code other} differs in nothing but the key. */
  boolean isAt(LlmEndpoint other) {
    return config.baseUrl().equals(other.baseUrl())
        && config.model().equals(other.model())
        && config.profile().equals(other.profile());
  }

  /** From now on, requests have this key. */
  void use(LlmEndpoint renewed) {
    config = renewed;
  }

  CircuitBreaker breaker() {
    return breaker;
  }

  /** The caller chooses among the first endpoint's models; every other endpoint has one. */
  String modelFor(LlmRequest request) {
    return first ? request.model() : config.model();
  }

  /** What is known about one of its models. */
  ModelProfile profile(String model) {
    return profiles.computeIfAbsent(model, it -> config.profile().over(BuiltInProfiles.of(it)));
  }

  /**
   * Remembers what a model was found to accept.
   *
   * @return whether that was unknown
   */
  synchronized boolean learn(String model, ModelProfile changes) {
    ModelProfile before = profile(model);
    ModelProfile after = changes.over(before);
    profiles.put(model, after);
    return !after.equals(before);
  }

  /** An exchange begins; returns whether its connection probably comes from the pool. */
  boolean takeConnection() {
    return idleConnections.getAndUpdate(idle -> Math.max(0, idle - 1)) > 0;
  }

  /** A reply was read to its end: its connection is back in the pool. */
  void connectionKept() {
    idleConnections.incrementAndGet();
  }

  /**
   * An exchange has ended.
   *
   * @param pooled what {@link #takeConnection} returned
   * @param lasted since the exchange began
   */
  void record(AttemptResult result, boolean pooled, Duration lasted) {
    switch (result) {
      case AttemptResult.Answered answer -> recordAnswer(answer);
      case AttemptResult.Streamed(LlmOutcome outcome) ->
          recordHealth(!(outcome instanceof LlmOutcome.Cut));
      case AttemptResult.TooLarge _ -> recordHealth(true);
      case AttemptResult.Stopped _ -> {
        // Says nothing about the endpoint.
      }
      case AttemptResult.BrokenOff _, AttemptResult.Garbled _ -> recordHealth(false);
      case AttemptResult.Unreached(Cause cause) -> {
        boolean stale = cause == Cause.CLOSED && pooled;
        if (!stale) {
          recordHealth(false);
        }
      }
      case AttemptResult.Silent _ -> {
        boolean brief = lasted.compareTo(minConclusiveSilence) < 0;
        if (!brief) {
          recordHealth(false);
        }
      }
    }
  }

  private void recordAnswer(AttemptResult.Answered answer) {
    int status = answer.status();
    boolean fails = status > 500 || status == 408;
    // A 500 is an answer about one request, which may have provoked it: many servers report an
    // invalid request so. It must not shut the endpoint out for everybody else.
    boolean failsOnce =
        status == 500
            || (fails && ErrorReply.blamesRequest(answer))
            || (status >= 400 && !fails && ErrorReply.blame(answer) == Blame.PROVIDER);
    if (!failsOnce) {
      recordHealth(!fails);
    }
  }

  private void recordHealth(boolean healthy) {
    if (healthy) {
      breaker.recordSuccess();
    } else {
      breaker.recordFailure();
    }
  }
}
