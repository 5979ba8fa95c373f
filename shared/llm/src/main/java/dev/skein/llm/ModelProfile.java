package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which parameters a model accepts, as far as it is known. Immutable and thread-safe.
 *
 * @param values what is known; where a setting has no value, its default holds
 */
public record ModelProfile(Map<Setting, String> values) {
  /** Nothing is known. */
  public static final ModelProfile UNKNOWN = new ModelProfile(Map.of());

  /** One property of a model. */
  public enum Setting {
    /** The name of the token limit; by default the caller's, or {@code max_tokens}. */
    TOKEN_LIMIT(
        "token_limit", "max_tokens|max_completion_tokens", "max_tokens or max_completion_tokens"),
    /** Whether a token limit is sent when the caller gives none; by default it is. */
    DEFAULT_TOKEN_LIMIT("default_token_limit", "true|false", "true or false"),
    /** The smallest token limit that is accepted; 1 by default. */
    MIN_TOKEN_LIMIT("min_token_limit", "[1-9]\\d{0,3}", "an integer from 1 to 9999"),
    /** Whether a temperature is accepted, by default always. */
    TEMPERATURE(
        "temperature",
        "accepted|rejected|accepted_without_thinking",
        "accepted, rejected or accepted_without_thinking"),
    /** Whether {@code stream_options} is accepted; by default it is. */
    STREAM_OPTIONS("stream_options", "true|false", "true or false"),
    /** Whether the model thinks before it answers; by default it does not. */
    THINKS("thinks", "true|false", "true or false"),
    /**
     * The least {@code reasoning_effort} that is accepted; by default, and if empty, none is sent.
     */
    REASONING_EFFORT(
        "reasoning_effort", "[a-z]{0,16}", "a word of up to 16 lowercase letters, or empty"),
    /** The role of instructions; {@code system} by default. */
    SYSTEM_ROLE("system_role", "system|developer", "system or developer");

    private final String jsonName;
    private final Pattern allowed;
    private final String inWords;

    Setting(String jsonName, String allowed, String inWords) {
      this.jsonName = jsonName;
      this.allowed = Pattern.compile(allowed);
      this.inWords = inWords;
    }

    /** Its name in JSON. */
    public String jsonName() {
      return jsonName;
    }

    private static Optional<Setting> named(String jsonName) {
      for (var setting : values()) {
        if (setting.jsonName.equals(jsonName)) {
          return Optional.of(setting);
        }
      }
      return Optional.empty();
    }
  }

  public ModelProfile {
    values = Map.copyOf(values);
  }

  /** A profile of which one setting is known. */
  static ModelProfile of(Setting setting, String value) {
    return new ModelProfile(Map.of(setting, value));
  }

  /**
   * Reads a JSON object.
   *
   * @param fault makes the exception for what does not fit, from a description
   */
  static ModelProfile read(JsonNode json, Function<String, RuntimeException> fault) {
    if (!json.isObject()) {
      throw fault.apply("must be a JSON object");
    }
    var values = new EnumMap<Setting, String>(Setting.class);
    for (var field : json.properties()) {
      Setting setting =
          Setting.named(field.getKey())
              .orElseThrow(() -> fault.apply("has an unknown field; the fields are " + names()));
      String value = field.getValue().asText();
      if (!setting.allowed.matcher(value).matches()) {
        throw fault.apply(
            "has an invalid %s, which must be %s".formatted(setting.jsonName, setting.inWords));
      }
      values.put(setting, value);
    }
    return new ModelProfile(values);
  }

  private static String names() {
    return Stream.of(Setting.values()).map(Setting::jsonName).collect(Collectors.joining(", "));
  }

  /** This profile, and where nothing is known, the other one. */
  ModelProfile over(ModelProfile other) {
    var all = new EnumMap<Setting, String>(Setting.class);
    all.putAll(other.values);
    all.putAll(values);
    return new ModelProfile(all);
  }

  boolean has(Setting setting) {
    return values.containsKey(setting);
  }

  /** The name of the token limit, if it matters. */
  Optional<String> tokenLimit() {
    return Optional.ofNullable(values.get(Setting.TOKEN_LIMIT));
  }

  boolean takesDefaultTokenLimit() {
    return is(Setting.DEFAULT_TOKEN_LIMIT, true);
  }

  OptionalInt minTokenLimit() {
    String value = values.get(Setting.MIN_TOKEN_LIMIT);
    return value == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value));
  }

  /**
   * Whether a temperature is accepted.
   *
   * @param reasoningEffort what the request asks for
   */
  boolean takesTemperature(Optional<String> reasoningEffort) {
    return switch (values.getOrDefault(Setting.TEMPERATURE, "accepted")) {
      case "rejected" -> false;
      case "accepted_without_thinking" -> reasoningEffort.equals(Optional.of("none"));
      default -> true;
    };
  }

  boolean takesStreamOptions() {
    return is(Setting.STREAM_OPTIONS, true);
  }

  boolean thinks() {
    return is(Setting.THINKS, false);
  }

  /** The least effort, if it is to be sent. */
  Optional<String> leastEffort() {
    return Optional.ofNullable(values.get(Setting.REASONING_EFFORT)).filter(it -> !it.isEmpty());
  }

  boolean usesDeveloperRole() {
    return "developer".equals(values.get(Setting.SYSTEM_ROLE));
  }

  private boolean is(Setting setting, boolean byDefault) {
    return Boolean.parseBoolean(values.getOrDefault(setting, Boolean.toString(byDefault)));
  }
}
