package dev.skein.api;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The time limit of the caller's own HTTP client, which OpenAI's clients send with each request.
 * API Gateway tells a function nothing of a caller who has left before the response began, so that
 * without it the call to the provider would run on, and be billed.
 */
public final class ClientTimeout {
  /**
   * Node sends the first, if the limit is the request's and not the client's own; Python sends the
   * second, Java both. In each of them the limit covers at least the time until the response
   * begins.
   */
  private static final String[] HEADERS = {"x-stainless-timeout", "x-stainless-read-timeout"};

  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}(\\.\\d{1,20})?");
  private static final Duration MAX_MARGIN = Duration.ofSeconds(1);

  private ClientTimeout() {}

  /**
   * How long after its arrival the response to a request has to begin, so that it reaches the
   * client in time: a fifth less than the client waits, at most one second less. Otherwise the
   * client would report its own timeout, and repeat the request.
   *
   * @return the shorter one if the client sends two; empty if it sends none that is valid
   */
  public static Optional<Duration> responseTime(ApiRequest request) {
    Duration shortest = null;
    for (String header : HEADERS) {
      String text = request.headers().get(header);
      if (text != null && SECONDS.matcher(text).matches()) {
        Duration time = seconds(text);
        shortest = shortest == null || time.compareTo(shortest) < 0 ? time : shortest;
      }
    }
    return shortest == null ? Optional.empty() : Optional.of(lessMargin(shortest));
  }

  private static Duration seconds(String text) {
    Duration time = Duration.ofMillis(new BigDecimal(text).movePointRight(3).longValue());
    // Node and Java send whole seconds, rounded down, and nothing if there is no limit.
    return time.isZero() ? Duration.ofSeconds(1) : time;
  }

  private static Duration lessMargin(Duration time) {
    Duration fifth = time.dividedBy(5);
    return time.minus(fifth.compareTo(MAX_MARGIN) < 0 ? fifth : MAX_MARGIN);
  }
}
