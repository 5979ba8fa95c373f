package dev.skein.base;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A typed view of environment variables; a blank value counts as absent. Immutable. Every method
 * throws {@link InvalidSettingException}, which names the variable, when a value is invalid.
 */
public final class Settings {
  // A URL may contain a password: the value is not repeated.
  private static final String NOT_A_WEB_URL =
      "must be an absolute http or https URL, such as https://api.openai.com/v1";

  private static final int MAX_PORT = 65_535;

  private final Map<String, String> environment;

  public Settings(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** These settings, and for variables that are absent the values of {@code defaults}. */
  public Settings withDefaults(Map<String, String> defaults) {
    var all = new HashMap<>(environment);
    defaults.forEach(
        (name, value) -> {
          if (text(name).isEmpty()) {
            all.put(name, value);
          }
        });
    return new Settings(all);
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

  /**
   * Reads an absolute http or https URL without user information, query or fragment; scheme and
   * host become lower case.
   *
   * @param invalid makes the exception from what is wrong and what is valid; the text contains no
   *     password
   */
  public static URI webUrl(String text, Function<String, InvalidSettingException> invalid) {
    URI url;
    try {
      url = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw invalid.apply(NOT_A_WEB_URL);
    }
    String scheme = Objects.requireNonNullElse(url.getScheme(), "").toLowerCase(Locale.ROOT);
    String authority = url.getRawAuthority();
    if (authority == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw invalid.apply(NOT_A_WEB_URL);
    }
    if (authority.contains("@")) {
      throw invalid.apply("must not contain a user name or password (the part before \"@\")");
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      throw invalid.apply("must not contain a query or fragment (the part from \"?\" or \"#\" on)");
    }
    requireHost(url, authority, invalid);
    return URI.create(scheme + "://" + authority.toLowerCase(Locale.ROOT) + url.getRawPath());
  }

  /** java.net.URI finds no host in such a URL, and java.net.http then refuses to call it. */
  private static void requireHost(
      URI url, String authority, Function<String, InvalidSettingException> invalid) {
    String name = authority.replaceAll(":\\d*$", "");
    if (url.getHost() == null && name.contains("_")) {
      throw invalid.apply(
          ("has the host \"%s\", which Java's HTTP client cannot call because of the \"_\":"
                  + " use an IP address or a name without \"_\" (in Docker Compose, a network"
                  + " alias such as \"%s\")")
              .formatted(name, name.replace('_', '-')));
    }
    if (url.getHost() == null || url.getPort() > MAX_PORT) {
      throw invalid.apply(NOT_A_WEB_URL);
    }
  }

  private static String nameOf(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
