package dev.skein.llm;

import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.AttemptResult.Streamed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.ModelProfile.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * How one call adapts its request to a model that refuses what Skein adds to it, or that thinks.
 * Each setting is changed at most once, and remembered for later calls once the model has accepted
 * the changed request. For the call's thread.
 */
final class Adaptation {
  private final Endpoint endpoint;
  private final String model;
  private ModelProfile changes = ModelProfile.UNKNOWN;

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
    var change = change(result, outcome, body).filter(this::isNew);
    change.ifPresent(it -> changes = it.over(changes));
    return change.isPresent();
  }

  /**
   * Remembers the changes once a request with them was accepted.
   *
   * @return the settings that this environment did not know before
   */
  Map<Setting, String> learn(AttemptResult result) {
    boolean accepted =
        result instanceof Streamed || (result instanceof Answered answer && answer.status() < 400);
    return accepted && endpoint.learn(model, changes) ? changes.values() : Map.of();
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

  private boolean isNew(ModelProfile change) {
    ModelProfile known = profile();
    return change.values().entrySet().stream()
        .allMatch(
            it ->
                !changes.has(it.getKey())
                    && !it.getValue().equals(known.values().get(it.getKey())));
  }
}
