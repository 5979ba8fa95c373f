package dev.skein.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.HashMap;
import java.util.Map;

/** What a secret of the model provider contains. */
sealed interface SecretContent {
  String KEY = "OPENAI_API_KEY";
  String FAILOVER = "LLM_FAILOVER";

  /**
   * A key, and perhaps failover endpoints.
   *
   * @param values by the names of the variables in which they could be set instead
   */
  record Variables(Map<String, String> values) implements SecretContent {

    /** Without the values. */
    @Override
    public String toString() {
      return "Variables" + values.keySet();
    }
  }

  /**
   * Nothing that can be used.
   *
   * @param reason a constant, which repeats nothing of the secret
   */
  record Unusable(String reason) implements SecretContent {}

  /**
   * Reads a secret.
   *
   * @param text the key, or a JSON object whose members have the names of variables; others are
   *     ignored
   */
  static SecretContent read(String text) {
    String secret = text.strip();
    if (secret.isEmpty()) {
      return new Unusable("Empty");
    }
    try {
      return secret.startsWith("{")
          ? members(Json.STRICT.parse(secret))
          : new Variables(Map.of(KEY, secret));
    } catch (MalformedJsonException e) {
      return new Unusable("MalformedJson");
    }
  }

  private static SecretContent members(JsonNode secret) {
    String key = secret.path(KEY).textValue();
    if (key == null || key.isBlank()) {
      return new Unusable("NoApiKey");
    }
    var values = new HashMap<>(Map.of(KEY, key));
    JsonNode failover = secret.path(FAILOVER);
    if (!failover.isMissingNode() && !failover.isNull()) {
      // The console's editor of keys and values can only store a string.
      values.put(
          FAILOVER, failover.isTextual() ? failover.textValue() : Json.STRICT.write(failover));
    }
    return new Variables(Map.copyOf(values));
  }
}
