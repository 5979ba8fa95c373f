package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.llm.LlmRequest.ReplyMode;
import dev.skein.llm.ModelProfile.Setting;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What one attempt sends: the caller's fields and, to a chat, what Skein adds to them in the form
 * that the model accepts.
 *
 * @param profile what was known about the model
 * @param json not to be modified
 * @param added what a refusal can be adapted to, because the caller did not choose it
 */
record RequestBody(
    LlmRequest request,
    boolean streaming,
    ModelProfile profile,
    ObjectNode json,
    Set<Setting> added) {
  static final String MAX_TOKENS = "max_tokens";
  static final String MAX_COMPLETION_TOKENS = "max_completion_tokens";

  /**
   * The body for a model.
   *
   * @param thinkingTokens how much a short answer's token limit is raised for a model that thinks
   */
  static RequestBody of(
      LlmRequest request,
      String model,
      ModelProfile profile,
      boolean streaming,
      int thinkingTokens) {
    ObjectNode json = Json.object();
    json.put("model", model);
    json.setAll(request.fields());
    var body = new RequestBody(request, streaming, profile, json, EnumSet.noneOf(Setting.class));
    if (request.isChat()) {
      body.adapt(profile, thinkingTokens);
    }
    if (streaming) {
      body.addStream(profile);
    }
    return body;
  }

  /** The name of the token limit that is sent; empty when none is, or both are. */
  Optional<String> tokenLimit() {
    boolean old = json.has(MAX_TOKENS);
    boolean current = json.has(MAX_COMPLETION_TOKENS);
    return old == current
        ? Optional.empty()
        : Optional.of(old ? MAX_TOKENS : MAX_COMPLETION_TOKENS);
  }

  /** Whether the number of the token limit is Skein's, not the caller's. */
  boolean hasDefaultTokenLimit() {
    return added.contains(Setting.DEFAULT_TOKEN_LIMIT);
  }

  private void adapt(ModelProfile profile, int thinkingTokens) {
    addEffort(profile);
    addTemperature(profile);
    addTokenLimit(profile, thinkingTokens);
    nameRole(profile);
  }

  private void addEffort(ModelProfile profile) {
    if (request.defaults().shortAnswer() && profile.thinks()) {
      profile
          .leastEffort()
          .ifPresent(
              effort -> {
                json.put("reasoning_effort", effort);
                added.add(Setting.REASONING_EFFORT);
              });
    }
  }

  private void addTemperature(ModelProfile profile) {
    var effort = Optional.of(json.path("reasoning_effort").asText("")).filter(it -> !it.isEmpty());
    if (!json.has("temperature") && profile.takesTemperature(effort)) {
      request
          .defaults()
          .temperature()
          .ifPresent(
              temperature -> {
                json.put("temperature", temperature);
                added.add(Setting.TEMPERATURE);
              });
    }
  }

  private void addTokenLimit(ModelProfile profile, int thinkingTokens) {
    // A null is not the same as nothing: some models reject it.
    List.of(MAX_TOKENS, MAX_COMPLETION_TOKENS).stream()
        .filter(name -> !json.hasNonNull(name))
        .forEach(json::remove);
    OptionalInt limit = request.defaults().maxTokens();
    if (!json.has(MAX_TOKENS)
        && !json.has(MAX_COMPLETION_TOKENS)
        && limit.isPresent()
        && profile.takesDefaultTokenLimit()) {
      json.put(MAX_TOKENS, raised(limit.getAsInt(), profile, thinkingTokens));
      added.add(Setting.DEFAULT_TOKEN_LIMIT);
    }
    // The caller means the same limit by either name: which one is sent is the model's choice.
    tokenLimit()
        .ifPresent(
            name -> {
              added.add(Setting.TOKEN_LIMIT);
              String accepted = profile.tokenLimit().orElse(name);
              if (!accepted.equals(name)) {
                json.set(accepted, json.remove(name));
              }
            });
  }

  private int raised(int limit, ModelProfile profile, int thinkingTokens) {
    // Even at the least effort, some models think.
    boolean thinks = request.defaults().shortAnswer() && profile.thinks();
    return Math.max(limit + (thinks ? thinkingTokens : 0), profile.minTokenLimit().orElse(1));
  }

  private void nameRole(ModelProfile profile) {
    if (profile.usesDeveloperRole() && request.replyMode() == ReplyMode.TEXT_ONLY) {
      JsonNode messages = json.path("messages").deepCopy();
      for (JsonNode message : messages) {
        if (message instanceof ObjectNode fields && fields.path("role").asText().equals("system")) {
          fields.put("role", "developer");
          added.add(Setting.SYSTEM_ROLE);
        }
      }
      json.set("messages", messages);
    }
  }

  private void addStream(ModelProfile profile) {
    json.put("stream", true);
    if (!request.isChat() || request.asksForUsage() || !profile.takesStreamOptions()) {
      return;
    }
    // Without it a stream does not report its token usage.
    ObjectNode options =
        json.path("stream_options") instanceof ObjectNode given ? given.deepCopy() : Json.object();
    json.set("stream_options", options.put("include_usage", true));
    added.add(Setting.STREAM_OPTIONS);
  }
}
