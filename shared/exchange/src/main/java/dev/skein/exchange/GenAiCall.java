package dev.skein.exchange;

import dev.skein.api.Problem;
import dev.skein.llm.Charge;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.Usage;
import dev.skein.pricing.NanoUsd;
import java.util.Optional;

/**
 * One request that was sent to a provider, in the words of OpenTelemetry's semantic conventions.
 *
 * @param series what it is counted by
 * @param error the problem's name; empty for an answer
 * @param outcome of this request
 * @param usage what the provider reports of the whole reply, even if the reply is of no use; empty
 *     if it reports none, or only what it had counted when the reply broke off
 * @param cost of a reply that was used: an answer, a refusal, or one that ran out of tokens; empty
 *     if it is unknown
 */
record GenAiCall(
    Series series,
    Optional<String> error,
    LlmOutcome outcome,
    Operation operation,
    Optional<Usage> usage,
    Optional<NanoUsd> cost) {
  /** The longest value of a dimension that is written; CloudWatch accepts 1,024 characters. */
  private static final int MAX_MODEL = 250;

  /**
   * The attributes of each metric. They are bounded by the operator's settings: nothing in them
   * comes from a caller or from a reply.
   *
   * @param operation {@code gen_ai.operation.name}
   * @param provider {@code gen_ai.system} or {@code gen_ai.provider.name}
   * @param model {@code gen_ai.request.model}: one that the operator allows callers to request, or
   *     that of a failover endpoint
   */
  record Series(String operation, String provider, String model) {}

  static GenAiCall of(
      Attempt attempt,
      Operation operation,
      SemanticConventions conventions,
      Optional<NanoUsd> cost) {
    return new GenAiCall(
        new Series(
            name(operation.api()),
            GenAiProvider.of(operation.baseUrl(), conventions),
            ascii(attempt.model())),
        OutcomeProblems.of(attempt.outcome()).map(Problem::name),
        attempt.outcome(),
        operation,
        attempt.charge().filter(Charge::complete).flatMap(Charge::usage),
        cost);
  }

  private static String name(LlmApi api) {
    // A switch over an enum would be one more class of the cold start.
    return api == LlmApi.CHAT_COMPLETIONS
        ? "chat"
        : api == LlmApi.COMPLETIONS ? "text_completion" : "embeddings";
  }

  /** Embeddings have no output tokens: their usage says 0. */
  boolean hasOutput() {
    return operation.api() != LlmApi.EMBEDDINGS;
  }

  /** CloudWatch drops metrics whose dimensions are anything but ASCII. */
  private static String ascii(String model) {
    var text = new StringBuilder(Math.min(model.length(), MAX_MODEL));
    for (int i = 0; i < model.length() && i < MAX_MODEL; i++) {
      char c = model.charAt(i);
      text.append(c > ' ' && c < 127 ? c : '_');
    }
    return text.toString();
  }
}
