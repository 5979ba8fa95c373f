package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.AttemptResult.Unreached;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Rejected;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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
 * @param requestedTier the service tier that the request asked for, if it is not the usual one: it
 *     may have been granted by a provider whose replies name none. It is {@code other} if what the
 *     request has there is no tier's name
 */
public record Charge(
    URI baseUrl,
    String model,
    Optional<Usage> usage,
    boolean complete,
    Optional<TokenBound> bound,
    Optional<String> requestedTier) {

  /** By which requests ask for the usual tier, or leave the choice to the provider. */
  private static final Set<String> USUAL_TIERS =
      Set.of("auto", "default", "standard", "standard_only", "on_demand");

  private static final Pattern TIER = Pattern.compile("[a-z]{1,12}(_[a-z]{1,12})?");

  /** Without a requested tier. */
  public Charge(
      URI baseUrl,
      String model,
      Optional<Usage> usage,
      boolean complete,
      Optional<TokenBound> bound) {
    this(baseUrl, model, usage, complete, bound, Optional.empty());
  }

  /**
   * The charge for an attempt; empty if there is none: the request was not received, or it was
   * answered with an error that is not billed.
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
    if (usage.isEmpty() && !mayBeBilled(endpoint, result, outcome, pooled)) {
      return Optional.empty();
    }
    String asked = body.json().path("model").asText();
    boolean complete = details.hasCompleteUsage();
    return Optional.of(
        new Charge(
            endpoint.baseUrl(),
            details.model().isEmpty() ? asked : details.model(),
            ProviderTools.areIn(body.json()) ? usage.map(Usage::unclear) : usage,
            complete,
            complete || outcome instanceof Completed ? Optional.empty() : TokenBound.of(body),
            requestedTier(body)));
  }

  private static Optional<String> requestedTier(RequestBody body) {
    return UsageReader.serviceTier(body.json())
        .filter(tier -> !USUAL_TIERS.contains(tier))
        // A caller may write anything there, and the log has the tier.
        .map(tier -> TIER.matcher(tier).matches() ? tier : "other");
  }

  /** The tier by which it is billed: the reply's own word, or else the request's. */
  public Optional<String> serviceTier() {
    return usage.flatMap(Usage::serviceTier).or(() -> requestedTier);
  }

  private static boolean mayBeBilled(
      LlmEndpoint endpoint, AttemptResult result, LlmOutcome outcome, boolean pooled) {
    return switch (result) {
      case AttemptResult.Answered answer ->
          OpenAiReply.isSuccess(answer.status())
              || isBilledError(endpoint.baseUrl(), answer.status(), outcome);
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

  /**
   * Azure bills a prompt that its filter declines or that is too long, and a request that took too
   * long. Others may bill the first and the last.
   *
   * @see <a href="https://learn.microsoft.com/azure/ai-foundry/openai/how-to/manage-costs">Azure
   *     OpenAI, Plan and manage costs</a>
   */
  private static boolean isBilledError(URI baseUrl, int status, LlmOutcome outcome) {
    if (status == 408) {
      return true;
    }
    if (!(outcome instanceof Rejected rejected)) {
      return false;
    }
    String code = rejected.error().code().orElse("");
    boolean isAzures = String.valueOf(baseUrl.getHost()).endsWith(".azure.com");
    return code.equals("content_filter") || (isAzures && code.equals("context_length_exceeded"));
  }
}
