package dev.skein.api;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The trace that a request belongs to, as its caller or API Gateway names it. */
final class TraceId {
  /**
   * A version, which is not ff, the trace ID, which is not zero, and more.
   *
   * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context</a>
   */
  private static final Pattern TRACEPARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

  /**
   * API Gateway adds it to each request without one.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader">X-Ray
   *     tracing header</a>
   */
  private static final Pattern ROOT =
      Pattern.compile("(?:.*;)?\\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;.*)?");

  private TraceId() {}

  /**
   * The trace ID of {@code traceparent}, or else the root of {@code X-Amzn-Trace-Id}.
   *
   * @param headers by lower-case name
   */
  static Optional<String> of(Map<String, String> headers) {
    return find(TRACEPARENT, headers.get("traceparent"))
        .or(() -> find(ROOT, headers.get("x-amzn-trace-id")));
  }

  private static Optional<String> find(Pattern pattern, @Nullable String header) {
    Matcher matcher = pattern.matcher(header == null ? "" : header.strip());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
