package dev.skein.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The start line and the headers of an HTTP/1.1 request or response.
 *
 * @param fields the values of each header, in order, by lower-case name
 */
public record MessageHead(String startLine, Map<String, List<String>> fields) {

  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final int MAX_HEADERS = 200;
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final Pattern VALUE = Pattern.compile("[\t\\x20-\\x7e\\x80-\\xff]*");

  public MessageHead {
    fields = Map.copyOf(fields);
  }

  /** Reads a head of at most 1 MiB; see {@link #read(InputStream, int)}. */
  public static Optional<MessageHead> read(InputStream in) throws IOException {
    return read(in, MAX_BYTES);
  }

  /**
   * Reads up to and including the empty line.
   *
   * @param maxBytes the maximum length of the whole head
   * @return empty if the connection ends before the first byte
   * @throws HeadTooLargeException if the head, a line (64 KiB) or the number of headers (200) is
   *     over its limit
   * @throws ProtocolException if a header is malformed
   * @throws EOFException if the connection ends later
   */
  public static Optional<MessageHead> read(InputStream in, int maxBytes) throws IOException {
    int first = in.read();
    while (first == '\r' || first == '\n') {
      // RFC 9112 asks servers to ignore empty lines before a request.
      first = in.read();
    }
    if (first < 0) {
      return Optional.empty();
    }
    String start = line(first, in, maxBytes);
    return Optional.of(new MessageHead(start, fields(in, maxBytes - start.length())));
  }

  /** The headers by lower-case name; the values of a repeated header are joined by {@code ", "}. */
  public Map<String, String> headers() {
    return joined(fields);
  }

  /** Whether this is a valid name of a header. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether this is a valid value of a header. */
  public static boolean isValue(String text) {
    return VALUE.matcher(text).matches();
  }

  /** Reads trailer lines up to and including the empty line. */
  static Map<String, String> trailers(InputStream in) throws IOException {
    return joined(fields(in, MAX_BYTES));
  }

  private static Map<String, String> joined(Map<String, List<String>> fields) {
    Map<String, String> joined = new HashMap<>();
    fields.forEach((name, values) -> joined.put(name, String.join(", ", values)));
    return joined;
  }

  private static Map<String, List<String>> fields(InputStream in, int maxBytes) throws IOException {
    Map<String, List<String>> fields = new HashMap<>();
    int left = maxBytes;
    int count = 0;
    while (true) {
      String line = line(in.read(), in, left);
      if (line.isEmpty()) {
        return fields;
      }
      left -= line.length();
      int colon = line.indexOf(':');
      String name = line.substring(0, Math.max(colon, 0));
      String value = line.substring(colon + 1);
      if (!isName(name) || !isValue(value)) {
        throw new ProtocolException("a malformed header");
      }
      if (++count > MAX_HEADERS) {
        throw new HeadTooLargeException("more than " + MAX_HEADERS + " headers");
      }
      fields
          .computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(value.strip());
    }
  }

  /** Reads one line, and returns it without its line break. */
  static String line(InputStream in) throws IOException {
    return line(in.read(), in, MAX_LINE_BYTES);
  }

  private static String line(int first, InputStream in, int maxBytes) throws IOException {
    int most = Math.min(maxBytes, MAX_LINE_BYTES);
    ByteArrayOutputStream line = new ByteArrayOutputStream(80);
    for (int next = first; next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended within a line");
      }
      if (line.size() >= most) {
        throw new HeadTooLargeException("more than " + most + " bytes");
      }
      line.write(next);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
