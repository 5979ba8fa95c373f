package dev.skein.llm;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How long the provider asks us to wait: {@code retry-after-ms}, then {@code Retry-After} as
 * seconds or as a date (RFC 9110, 10.2.3), then the body's {@code retryDelay} in seconds with an
 * {@code s}, which Google sends instead. A value that is negative, in the past, not a number, or
 * longer than a day is ignored.
 */
final class RetryAfter {
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final Pattern NUMBER = Pattern.compile("\\d{1,12}(\\.\\d{1,12})?");

  private RetryAfter() {}

  static Optional<Duration> read(HttpHeaders headers, Instant now) {
    return headers
        .firstValue("retry-after-ms")
        .flatMap(text -> number(text, 1))
        .or(() -> headers.firstValue("retry-after").flatMap(text -> number(text, 1000)))
        .or(() -> headers.firstValue("retry-after").flatMap(text -> date(text, now)));
  }

  /** As {@link #read(HttpHeaders, Instant)}, or else from an error's body. */
  static Optional<Duration> read(AttemptResult.Answered answer, Instant now) {
    return read(answer.headers(), now)
        .or(
            () ->
                ErrorBody.read(answer.body())
                    .retryDelay()
                    .flatMap(text -> number(text.replaceFirst("s$", ""), 1000)));
  }

  private static Optional<Duration> number(String text, int millisPerUnit) {
    // Java's own parser accepts "60d", "0x3C" and "NaN".
    if (!NUMBER.matcher(text.strip()).matches()) {
      return Optional.empty();
    }
    double millis = Double.parseDouble(text.strip()) * millisPerUnit;
    return millis <= LONGEST.toMillis()
        ? Optional.of(Duration.ofMillis(Math.round(millis)))
        : Optional.empty();
  }

  private static Optional<Duration> date(String text, Instant now) {
    try {
      var at = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(Duration.between(now, at))
          .filter(wait -> !wait.isNegative() && wait.compareTo(LONGEST) <= 0);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
