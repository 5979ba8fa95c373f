package dev.skein.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An HTTP/1.1 request whose body may still be on its way.
 *
 * @param path with its query, for example {@code /v1/models?limit=1}
 * @param protocol {@code HTTP/1.0} or {@code HTTP/1.1}
 * @param headers by lower-case name; the values of a repeated header are joined by {@code ", "}
 * @param fields the values of each header, in order, by lower-case name
 */
public record IncomingRequest(
    String method,
    String path,
    String protocol,
    Map<String, String> headers,
    Map<String, List<String>> fields,
    IncomingBody body) {

  private static final Set<String> PROTOCOLS = Set.of("HTTP/1.0", "HTTP/1.1");

  /** As {@link #of}, with a head that is read first. */
  static Optional<IncomingRequest> read(InputStream in) throws IOException {
    return of(MessageHead.read(in), in);
  }

  /**
   * A request whose body is left to the caller, to be read to its end before the request after it.
   *
   * @param head the request line and the headers; empty if the connection ended before
   * @param in where the body follows
   * @return empty if the connection ends between two requests
   * @throws ProtocolException if it is not an HTTP/1.1 request
   */
  static Optional<IncomingRequest> of(Optional<MessageHead> head, InputStream in)
      throws IOException {
    if (head.isEmpty()) {
      return Optional.empty();
    }
    String[] start = head.get().startLine().split(" ", -1);
    if (start[start.length - 1].equals("HTTP/2.0")) {
      throw new ProtocolException("HTTP/2 is not supported, only HTTP/1.1");
    }
    if (start.length != 3
        || !MessageHead.isName(start[0])
        || start[1].isEmpty()
        || !PROTOCOLS.contains(start[2])) {
      throw new ProtocolException("not an HTTP/1.1 request line");
    }
    Map<String, String> headers = head.get().headers();
    if (start[2].equals("HTTP/1.0") && headers.containsKey("transfer-encoding")) {
      throw new ProtocolException("HTTP/1.0 has no Transfer-Encoding");
    }
    return Optional.of(
        new IncomingRequest(
            start[0],
            start[1],
            start[2],
            headers,
            head.get().fields(),
            IncomingBody.of(headers, in)));
  }

  /** This header's value, or an empty string; the name's case does not matter. */
  public String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** Whether this token is in the header's list of tokens; case does not matter. */
  public boolean hasToken(String name, String token) {
    return Arrays.stream(header(name).split(",", -1))
        .anyMatch(value -> value.strip().equalsIgnoreCase(token));
  }

  /** Whether this header has this value; case does not matter. */
  public boolean hasHeader(String name, String value) {
    return header(name).equalsIgnoreCase(value);
  }
}
