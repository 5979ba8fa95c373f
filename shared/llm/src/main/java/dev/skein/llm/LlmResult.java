package dev.skein.llm;

import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.ModelProfile.Setting;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call's one outcome, and the attempts behind it.
 *
 * @param attempts every request that was sent, in order; the last one's outcome need not be the
 *     call's, which the deadline may have ended between two attempts
 * @param skipped the model of each endpoint that was not asked because its circuit breaker was open
 * @param details what the last attempt's reply says about itself
 * @param cancelled whether the call was given up for another one's result while it ran, so that its
 *     own attempts are not known
 */
public record LlmResult(
    LlmOutcome outcome,
    List<Attempt> attempts,
    List<String> skipped,
    ReplyDetails details,
    boolean cancelled) {

  public LlmResult {
    attempts = List.copyOf(attempts);
    skipped = List.copyOf(skipped);
  }

  /** A call that was not cancelled. */
  public LlmResult(
      LlmOutcome outcome, List<Attempt> attempts, List<String> skipped, ReplyDetails details) {
    this(outcome, attempts, skipped, details, false);
  }

  /** A call that was cancelled because of another one's outcome, which is its own, too. */
  public static LlmResult cancelledFor(LlmOutcome outcome) {
    return new LlmResult(outcome, List.of(), List.of(), ReplyDetails.NONE, true);
  }

  /** A call that skipped no endpoint, and whose reply says nothing about itself. */
  public LlmResult(LlmOutcome outcome, List<Attempt> attempts) {
    this(outcome, attempts, List.of(), ReplyDetails.NONE);
  }

  /** The attempt whose reply is the call's outcome, and was billed; empty if there is none. */
  public Optional<Attempt> answer() {
    if (attempts.isEmpty()) {
      return Optional.empty();
    }
    Attempt last = attempts.getLast();
    return isBilled(outcome) && last.outcome().equals(outcome)
        ? Optional.of(last)
        : Optional.empty();
  }

  private static boolean isBilled(LlmOutcome outcome) {
    return switch (outcome) {
      case Completed _, Refused _, OutOfTokens _ -> true;
      case Cut _, RateLimited _, TimedOut _, Rejected _, Unavailable _, Malformed _, Abandoned _ ->
          false;
    };
  }

  /**
   * One request that was sent to an endpoint.
   *
   * @param model the model that was asked, which identifies the endpoint too
   * @param outcome what the call's outcome would be without further attempts
   * @param learned what this environment found out about the model by this attempt, and did not
   *     know before
   * @param keyReplaced whether the endpoint refused the API key, and the next attempt has another
   * @param charge what it may be billed by; empty if it is not
   * @param operation where and when it was sent; empty only in tests
   */
  public record Attempt(
      String model,
      LlmOutcome outcome,
      Map<Setting, String> learned,
      boolean keyReplaced,
      Optional<Charge> charge,
      Optional<Operation> operation) {

    public Attempt {
      learned = Map.copyOf(learned);
    }

    /** An attempt from which nothing was learned, and that is not billed. */
    public Attempt(String model, LlmOutcome outcome) {
      this(model, outcome, Map.of(), false, Optional.empty(), Optional.empty());
    }

    /** An attempt from which nothing was learned. */
    public Attempt(String model, LlmOutcome outcome, Charge charge) {
      this(model, outcome, Map.of(), false, Optional.of(charge), Optional.empty());
    }
  }

  /**
   * Where and when one request was sent.
   *
   * @param api the provider's API that was called
   * @param baseUrl of the endpoint
   * @param streaming whether a stream was requested
   * @param start when the request was sent
   * @param duration until its reply was read, or something else ended it; a slow reader is included
   * @param timeToFirstToken until the first piece of an answer, or of visible thinking; empty if
   *     there was none, or no stream was requested
   */
  public record Operation(
      LlmApi api,
      URI baseUrl,
      boolean streaming,
      Instant start,
      Duration duration,
      Optional<Duration> timeToFirstToken) {}
}
