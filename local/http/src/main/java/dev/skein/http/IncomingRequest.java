package dev.skein.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP/1.1 request whose body may still be on its way.
 *
 * @param path with its query, for example {@code /v1/models?limit=1}
 * @param headers by lower-case name; the values of a repeated header are joined by {@code ", "}
 */
public record IncomingRequest(
    String method, String path, Map<String, String> headers, IncomingBody body) {

  /**
   * Reads the next request's head; its body is left to the caller, to be read to its end before the
   * request after it.
   *
   * @return empty if the connection ends between two requests
   * @throws ProtocolException if it is not an HTTP/1.1 request
   */
  static Optional<IncomingRequest> read(InputStream in) throws IOException {
    Optional<MessageHead> head = MessageHead.read(in);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    String[] start = head.get().startLine().split(" ", -1);
    if (start.length != 3 || !start[2].startsWith("HTTP/1.")) {
      throw new ProtocolException("not an HTTP/1.1 request line");
    }
    Map<String, String> headers = head.get().headers();
    return Optional.of(
        new IncomingRequest(start[0], start[1], headers, IncomingBody.of(headers, in)));
  }

  /** This header's value, or an empty string; the name's case does not matter. */
  public String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** Whether this header has this value; case does not matter. */
  public boolean hasHeader(String name, String value) {
    return header(name).equalsIgnoreCase(value);
  }
}
