package dev.skein.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The start line and the headers of an HTTP/1.1 request or response.
 *
 * @param headers by lower-case name; the values of a repeated header are joined by {@code ", "}
 */
public record MessageHead(String startLine, Map<String, String> headers) {

  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final int MAX_HEADERS = 200;

  public MessageHead {
    headers = Map.copyOf(headers);
  }

  /**
   * Reads up to and including the empty line.
   *
   * @return empty if the connection ends before the first byte
   * @throws ProtocolException if a line or the number of headers is over its limit (64 KiB, 200),
   *     or a header is malformed
   * @throws EOFException if the connection ends later
   */
  public static Optional<MessageHead> read(InputStream in) throws IOException {
    int first = in.read();
    return first < 0
        ? Optional.empty()
        : Optional.of(new MessageHead(line(first, in), headers(in)));
  }

  /** Reads header or trailer lines up to and including the empty line. */
  static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    int count = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 1 || ++count > MAX_HEADERS) {
        throw new ProtocolException("a header without a name, or more than " + MAX_HEADERS);
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      headers.merge(name, line.substring(colon + 1).strip(), (one, two) -> one + ", " + two);
    }
    return headers;
  }

  /** Reads one line, and returns it without its line break. */
  static String line(InputStream in) throws IOException {
    return line(in.read(), in);
  }

  private static String line(int first, InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(80);
    for (int next = first; next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended within a line");
      }
      if (line.size() == MAX_LINE_BYTES) {
        throw new ProtocolException("a line of more than " + MAX_LINE_BYTES + " bytes");
      }
      line.write(next);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
