package dev.skein.console;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the console of a deployed stack needs to know.
 *
 * @param api the URL of the API with its stage, without a slash at the end
 * @param region of the API, for signatures
 * @param apiKey sent with chats that have no key of their own; {@code SKEIN_API_KEY}, default none
 * @param port on 127.0.0.1; 0 for any free one
 */
record ConsoleSettings(URI api, String region, Optional<String> apiKey, int port) {

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9-]+\\.execute-api\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?");

  private static final int MAX_PORT = 65_535;

  /** Without the key, which never reaches a log. */
  @Override
  public String toString() {
    return api + " in " + region;
  }

  /**
   * Reads {@code --url=…} and {@code --port=…}, and environment variables.
   *
   * @throws IllegalArgumentException if a value is invalid; the message is for the operator
   */
  static ConsoleSettings from(String[] arguments, Map<String, String> environment) {
    URI api = api(argument(arguments, "--url="));
    String key = environment.getOrDefault("SKEIN_API_KEY", "").strip();
    if (!key.matches("[!-~]*")) {
      throw new IllegalArgumentException(
          "SKEIN_API_KEY has a character that an HTTP header cannot have. Copy the key again.");
    }
    return new ConsoleSettings(
        api,
        region(api, environment),
        key.isEmpty() ? Optional.empty() : Optional.of(key),
        port(argument(arguments, "--port=")));
  }

  /** The file for the reason why the console cannot start; empty for the terminal. */
  static Optional<Path> failure(String[] arguments) {
    String file = argument(arguments, "--failure=");
    return file.isEmpty() ? Optional.empty() : Optional.of(Path.of(file));
  }

  private static String argument(String[] arguments, String name) {
    for (String argument : arguments) {
      if (argument.startsWith(name)) {
        return argument.substring(name.length()).strip();
      }
    }
    return "";
  }

  private static URI api(String text) {
    try {
      URI url = URI.create(text.replaceAll("/+$", ""));
      boolean local = url.getAuthority() != null && LoopbackHost.isLoopback(url.getAuthority());
      boolean secure = "https".equalsIgnoreCase(url.getScheme()) && url.getHost() != null;
      if ((secure || (local && "http".equalsIgnoreCase(url.getScheme())))
          && url.getPort() <= MAX_PORT
          && url.getQuery() == null
          && url.getFragment() == null
          && url.getUserInfo() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw new IllegalArgumentException(
        "console.url is not the URL of an API. Set it to the stack's output ApiUrl:"
            + " -Dconsole.url=https://….execute-api.….amazonaws.com/api");
  }

  private static String region(URI api, Map<String, String> environment) {
    Matcher host = HOST.matcher(api.getHost());
    String region = host.matches() ? host.group(1) : environment.getOrDefault("AWS_REGION", "");
    if (region.isBlank()) {
      throw new IllegalArgumentException(
          "The URL does not name the Region of the API. Set AWS_REGION to it.");
    }
    return region.strip();
  }

  private static int port(String text) {
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : text.isEmpty() ? 8090 : -1;
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "console.port is " + text + "; it must be an integer from 0 to 65535.");
    }
    return port;
  }
}
