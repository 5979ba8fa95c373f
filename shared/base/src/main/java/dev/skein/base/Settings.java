package dev.skein.base;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A typed view of environment variables; a blank value counts as absent. Immutable. Every method
 * throws {@link InvalidSettingException}, which names the variable, when a value is invalid.
 */
public final class Settings {
  private final Map<String, String> environment;

  public Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** The value without surrounding white space. */
  public Optional<String> text(String variable) {
    return Optional.ofNullable(environment.get(variable))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  /** The value, which is required. */
  public String required(String variable) {
    return text(variable)
        .orElseThrow(() -> new InvalidSettingException(variable, "is required but not set"));
  }

  /** The items of a comma-separated list; empty when absent. */
  public List<String> list(String variable) {
    return text(variable).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /** An integer from {@code min} to {@code max}. */
  public int integer(String variable, int absent, int min, int max) {
    var value = text(variable);
    if (value.isEmpty()) {
      return absent;
    }
    try {
      int number = Integer.parseInt(value.get());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Rejected below, like a number out of range.
    }
    throw new InvalidSettingException(
        variable,
        "is \"%s\" but must be an integer from %d to %d".formatted(value.get(), min, max));
  }

  /** An integer number of milliseconds from {@code min} to {@code max}. */
  public Duration millis(String variable, Duration absent, Duration min, Duration max) {
    return Duration.ofMillis(
        integer(
            variable,
            Math.toIntExact(absent.toMillis()),
            Math.toIntExact(min.toMillis()),
            Math.toIntExact(max.toMillis())));
  }

  /** One of an enum's names, in lower case. */
  public <E extends Enum<E>> E choice(String variable, E absent) {
    var value = text(variable);
    if (value.isEmpty()) {
      return absent;
    }
    E[] choices = absent.getDeclaringClass().getEnumConstants();
    return Arrays.stream(choices)
        .filter(choice -> nameOf(choice).equals(value.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSettingException(
                    variable,
                    "is \"%s\" but must be one of %s"
                        .formatted(
                            value.get(),
                            Arrays.stream(choices)
                                .map(Settings::nameOf)
                                .collect(Collectors.joining(", ")))));
  }

  /** An absolute http or https URL without query or fragment. */
  public URI url(String variable, String absent) {
    return webUrl(text(variable).orElse(absent))
        .orElseThrow(
            // A base URL may carry credentials: the value is not repeated.
            () ->
                new InvalidSettingException(
                    variable,
                    "must be an absolute http or https URL, such as https://api.openai.com/v1"));
  }

  /** The text as an absolute http or https URL without query or fragment, if it is one. */
  public static Optional<URI> webUrl(String text) {
    try {
      var url = new URI(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      boolean plain = url.getQuery() == null && url.getFragment() == null;
      return web && plain && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static String nameOf(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
