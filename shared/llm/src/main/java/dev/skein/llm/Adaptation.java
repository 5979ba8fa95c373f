package dev.skein.llm;

import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.ModelProfile.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * How one call adapts its request to a model that refuses what Skein adds to it, or that thinks.
 * Each setting is changed at most once, and remembered for later calls once the model has answered
 * the changed request, unless only this prompt needed the change. For the call's thread.
 */
final class Adaptation {
  private final Endpoint endpoint;
  private final String model;
  private ModelProfile changes = ModelProfile.UNKNOWN;

  /** The changes that the next prompt will need too. */
  private ModelProfile lasting = ModelProfile.UNKNOWN;

  /** For a call to a model at an endpoint. */
  Adaptation(Endpoint endpoint, String model) {
    this.endpoint = endpoint;
    this.model = model;
  }

  /** What is known about the model by now. */
  ModelProfile profile() {
    return changes.over(endpoint.profile(model));
  }

  /**
   * Changes the profile after an attempt, if that will help.
   *
   * @return whether the request is to be sent again, in its changed form
   */
  boolean adapt(AttemptResult result, LlmOutcome outcome, RequestBody body) {
    var change = change(result, outcome, body).filter(it -> isNew(it, body));
    if (change.isEmpty()) {
      return false;
    }
    changes = change.get().over(changes);
    if (!isForThisPrompt(change.get(), result, body)) {
      lasting = change.get().over(lasting);
    }
    return true;
  }

  /**
   * Remembers the changes once a request with them was answered.
   *
   * @return the settings that this environment did not know before
   */
  Map<Setting, String> learn(LlmOutcome outcome) {
    boolean answered =
        outcome instanceof Completed
            || outcome instanceof Refused
            || outcome instanceof OutOfTokens;
    return answered && endpoint.learn(model, lasting) ? lasting.values() : Map.of();
  }

  private Optional<ModelProfile> change(
      AttemptResult result, LlmOutcome outcome, RequestBody body) {
    if (outcome instanceof OutOfTokens && body.request().defaults().shortAnswer()) {
      return Optional.of(ModelProfile.of(Setting.THINKS, "true"));
    }
    return result instanceof Answered answer
        ? ParameterRefusal.change(answer, body)
        : Optional.empty();
  }

  /** Whether it is only this prompt that leaves no room for the token limit. */
  private static boolean isForThisPrompt(
      ModelProfile change, AttemptResult result, RequestBody body) {
    return change.has(Setting.DEFAULT_TOKEN_LIMIT)
        && result instanceof Answered answer
        && RequestFault.tokenLimit(ErrorBody.read(answer.body()))
            .filter(limit -> limit.kind() == TokenLimit.Kind.CONTEXT)
            .filter(limit -> limit.allowed() > body.request().defaults().maxTokens().orElse(0))
            .isPresent();
  }

  /** Another call may have learned the same since this body was sent: it differs all the same. */
  private boolean isNew(ModelProfile change, RequestBody body) {
    var sent = body.profile().values();
    return change.values().entrySet().stream()
        .allMatch(it -> !changes.has(it.getKey()) && !it.getValue().equals(sent.get(it.getKey())));
  }
}
