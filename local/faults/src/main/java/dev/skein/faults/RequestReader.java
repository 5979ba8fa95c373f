package dev.skein.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads HTTP/1.1 requests, one after the other, from one connection. */
final class RequestReader {
  private static final int MAX_LINE = 64 * 1024;
  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final InputStream in;

  RequestReader(InputStream in) {
    this.in = in;
  }

  /** A request as it was sent, with its body freed of its framing. */
  record Parsed(String method, String path, Map<String, String> headers, String body) {}

  /**
   * The next request, or empty when the client has closed between two requests.
   *
   * @throws ProtocolException when the bytes are not HTTP/1.1
   * @throws IOException when the connection breaks, or ends within a request
   */
  Optional<Parsed> next() throws IOException {
    int first = in.read();
    if (first < 0) {
      return Optional.empty();
    }
    String[] start = line(first).split(" ", -1);
    if (start.length != 3 || !start[2].startsWith("HTTP/1.")) {
      throw new ProtocolException("the request line is not one of HTTP/1.1");
    }
    Map<String, String> headers = headers();
    byte[] body =
        "chunked".equalsIgnoreCase(headers.get("transfer-encoding"))
            ? chunks()
            : exactly(length(headers.getOrDefault("content-length", "0"), 10));
    return Optional.of(
        new Parsed(start[0], start[1], headers, new String(body, StandardCharsets.UTF_8)));
  }

  private Map<String, String> headers() throws IOException {
    var headers = new TreeMap<String, String>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new ProtocolException("a header line has no name");
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      headers.merge(name, line.substring(colon + 1).strip(), (one, two) -> one + ", " + two);
    }
    return headers;
  }

  private byte[] chunks() throws IOException {
    var body = new ByteArrayOutputStream();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      body.writeBytes(exactly(size));
      if (body.size() > MAX_BODY || !line().isEmpty()) {
        throw new ProtocolException("a chunk is longer than declared, or the body too long");
      }
    }
    headers(); // trailers
    return body.toByteArray();
  }

  private int chunkSize() throws IOException {
    return length(line().split(";", 2)[0].strip(), 16);
  }

  private static int length(String text, int radix) throws ProtocolException {
    try {
      int length = Integer.parseInt(text, radix);
      if (length >= 0 && length <= MAX_BODY) {
        return length;
      }
    } catch (NumberFormatException e) {
      // answered below, like a number out of range
    }
    throw new ProtocolException("a length is not a number up to " + MAX_BODY);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the connection ended within a body");
    }
    return bytes;
  }

  private String line() throws IOException {
    return line(in.read());
  }

  private String line(int first) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = first; next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended within a request's head");
      }
      if (line.size() == MAX_LINE) {
        throw new ProtocolException("a line is longer than " + MAX_LINE + " bytes");
      }
      line.write(next);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
