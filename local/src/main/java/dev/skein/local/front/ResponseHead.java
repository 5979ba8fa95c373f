package dev.skein.local.front;

import dev.skein.http.MessageHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The status line and the headers of a response, without those for its framing.
 *
 * @param fields lines, each with its line break
 */
record ResponseHead(int status, String fields) {

  /** Set by the server: a function's value could break the framing. */
  private static final Set<String> FRAMING = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final Map<Integer, String> REASONS =
      Map.ofEntries(
          Map.entry(200, "OK"),
          Map.entry(201, "Created"),
          Map.entry(202, "Accepted"),
          Map.entry(204, "No Content"),
          Map.entry(304, "Not Modified"),
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(408, "Request Timeout"),
          Map.entry(413, "Content Too Large"),
          Map.entry(422, "Unprocessable Content"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(502, "Bad Gateway"),
          Map.entry(503, "Service Unavailable"),
          Map.entry(504, "Gateway Timeout"));

  static {
    FRAMING.addAll(List.of("Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"));
  }

  /** Empty if a header is not valid in HTTP. */
  static Optional<ResponseHead> of(ProxyResponse response, String requestId) {
    StringBuilder fields = new StringBuilder("Date: " + DATE.format(Instant.now()) + "\r\n");
    fields.append("x-amzn-RequestId: " + requestId + "\r\n");
    boolean valid = true;
    for (Map.Entry<String, List<String>> header : response.headers().entrySet()) {
      valid &= MessageHead.isName(header.getKey());
      for (String value : header.getValue()) {
        valid &= MessageHead.isValue(value);
        if (!FRAMING.contains(header.getKey())) {
          fields.append(header.getKey() + ": " + value + "\r\n");
        }
      }
    }
    return valid
        ? Optional.of(new ResponseHead(response.status(), fields.toString()))
        : Optional.empty();
  }

  /**
   * The head as it is sent.
   *
   * @param framing more lines, each with its line break
   */
  byte[] bytes(String framing) {
    String start = "HTTP/1.1 " + status + " " + REASONS.getOrDefault(status, "") + "\r\n";
    return (start + fields + framing + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether a response with this status never has a body. */
  boolean hasNoBody() {
    return status == 204 || status == 304;
  }
}
