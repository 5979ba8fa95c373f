package dev.skein.api;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which web pages may call a function from a browser: cross-origin resource sharing, without
 * credentials such as cookies. Immutable and thread-safe.
 *
 * @param origins as browsers send them, in lower case; or {@code *} alone, for every page; empty
 *     turns CORS off
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch Standard, CORS
 *     protocol</a>
 */
public record CorsPolicy(Set<String> origins) {
  /** No page may call. */
  static final CorsPolicy OFF = new CorsPolicy(Set.of());

  private static final String VARIABLE = "CORS_ALLOWED_ORIGINS";
  private static final String ANY = "*";

  /** Also of browser extensions and desktop apps, such as {@code app://obsidian.md}. */
  private static final String ORIGIN =
      "[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?";

  private static final String DEFAULT_PORT = "http://.*:80|https://.*:443";

  /** A header's name (RFC 9110); nothing else of a request is repeated in a response. */
  private static final String HEADER_NAME = "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}";

  private static final Map<String, String> ANY_ORIGIN =
      Map.of("Access-Control-Allow-Origin", ANY, "Access-Control-Expose-Headers", ANY);

  private static final Map<String, String> OTHER_ORIGIN = Map.of("Vary", "Origin");

  private static final int MAX_HEADERS = 100;

  /** Chrome's maximum: a preflight is an invocation, so it is repeated as rarely as possible. */
  private static final String MAX_AGE_SECONDS = "7200";

  public CorsPolicy {
    origins = Set.copyOf(origins);
  }

  /**
   * Reads the environment.
   *
   * @throws InvalidSettingException when {@code CORS_ALLOWED_ORIGINS} is invalid
   */
  public static CorsPolicy from(Settings settings) {
    List<String> origins = settings.list("CORS_ALLOWED_ORIGINS");
    if (origins.contains(ANY) && origins.size() > 1) {
      throw new InvalidSettingException(
          VARIABLE, "contains \"*\" and other origins: use \"*\" alone, or only origins");
    }
    return new CorsPolicy(origins.stream().map(CorsPolicy::checked).collect(Collectors.toSet()));
  }

  private static String checked(String text) {
    String origin = text.toLowerCase(Locale.ROOT);
    if (origin.equals(ANY)) {
      return origin;
    }
    if (!origin.matches(ORIGIN)) {
      throw new InvalidSettingException(
          VARIABLE,
          ("contains \"%s\", which is not an origin as browsers send it: a scheme, a host and, if"
                  + " it is not the default, a port, without a path or a trailing slash, such as"
                  + " https://app.example.com or http://localhost:5173; or \"*\" alone")
              .formatted(text));
    }
    if (origin.matches(DEFAULT_PORT)) {
      throw new InvalidSettingException(
          VARIABLE,
          "contains \"%s\": leave out the port, because browsers do not send the default port"
              .formatted(text));
    }
    return origin;
  }

  /** Whether any page may call. */
  boolean isOn() {
    return !origins.isEmpty();
  }

  /**
   * What the response to a request has, so that an allowed page can read it with its headers. With
   * a list of origins, {@code Vary} keeps caches from showing a page the response to another one.
   */
  Map<String, String> headers(ApiEvent event) {
    if (origins.contains(ANY)) {
      return ANY_ORIGIN;
    }
    String origin = origin(event);
    return origins.contains(origin)
        ? Map.of(
            "Access-Control-Allow-Origin",
            origin,
            "Access-Control-Expose-Headers",
            ANY,
            "Vary",
            "Origin")
        : OTHER_ORIGIN;
  }

  /** Whether the page that sends this request may call. */
  boolean allows(ApiEvent event) {
    return origins.contains(ANY) || origins.contains(origin(event));
  }

  private static String origin(ApiEvent event) {
    return event.headers().getOrDefault("origin", "");
  }

  /** Whether a browser asks with this request if it may send another one. */
  static boolean isPreflight(ApiEvent event) {
    return event.method().equals("OPTIONS")
        && event.headers().containsKey("origin")
        && event.headers().containsKey("access-control-request-method");
  }

  /**
   * The response to an allowed preflight. Every requested header is allowed: each version of a
   * client brings new ones, and a list that lacks one stops all of the client's requests. They are
   * named, because {@code *} does not include Authorization.
   */
  static ApiResponse preflight(ApiEvent event, String allowedMethods) {
    String requested = event.headers().getOrDefault("access-control-request-headers", "");
    String names =
        Arrays.stream(requested.split(","))
            .map(String::strip)
            .filter(name -> name.matches(HEADER_NAME))
            .limit(MAX_HEADERS)
            .collect(Collectors.joining(", "));
    var response =
        new ApiResponse(
            204,
            Map.of(
                "Access-Control-Allow-Methods",
                allowedMethods,
                "Access-Control-Max-Age",
                MAX_AGE_SECONDS),
            "");
    return names.isEmpty()
        ? response
        : response.with(Map.of("Access-Control-Allow-Headers", names));
  }
}
