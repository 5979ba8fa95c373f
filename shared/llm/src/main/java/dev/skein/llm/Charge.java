package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.AttemptResult.Unreached;
import dev.skein.llm.LlmOutcome.Completed;
import java.net.URI;
import java.util.Optional;

/**
 * What a provider may bill an attempt by.
 *
 * @param baseUrl the endpoint's
 * @param model the model that answered; if the reply has not said so, the one that was asked
 * @param usage as far as it was reported, also by a reply that broke off; empty if it was not
 * @param complete whether {@code usage} is that of the whole reply. A provider that counts with
 *     each chunk may have written more than it could report
 * @param bound the most that it can be if the usage is not complete; empty if that is unknown, and
 *     for an answer, which is complete without it
 */
public record Charge(
    URI baseUrl,
    String model,
    Optional<Usage> usage,
    boolean complete,
    Optional<TokenBound> bound) {

  /**
   * The charge for an attempt; empty if there is none: the request was not received, or it was
   * answered with an error that reports no usage.
   *
   * @param pooled whether the connection came from the pool, where it may have died unnoticed
   */
  static Optional<Charge> of(
      LlmEndpoint endpoint,
      RequestBody body,
      AttemptResult result,
      LlmOutcome outcome,
      DetailsCollector details,
      boolean pooled) {
    var usage = details.usage();
    if (usage.isEmpty() && !mayBeBilled(result, pooled)) {
      return Optional.empty();
    }
    String asked = body.json().path("model").asText();
    boolean complete = details.hasCompleteUsage();
    return Optional.of(
        new Charge(
            endpoint.baseUrl(),
            details.model().isEmpty() ? asked : details.model(),
            usage,
            complete,
            complete || outcome instanceof Completed ? Optional.empty() : TokenBound.of(body)));
  }

  private static boolean mayBeBilled(AttemptResult result, boolean pooled) {
    return switch (result) {
      case AttemptResult.Answered answer -> OpenAiReply.isSuccess(answer.status());
      case Unreached(Cause cause) -> cause == Cause.CLOSED && !pooled;
      // A provider that was not waited for goes on writing, and bills what it writes.
      case AttemptResult.Streamed _,
          AttemptResult.BrokenOff _,
          AttemptResult.Garbled _,
          AttemptResult.TooLarge _,
          AttemptResult.Silent _,
          AttemptResult.Stopped _ ->
          true;
    };
  }
}
