package dev.skein.console;

import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The console's files: {@code /} is the page, and {@code /console/NAME} what it loads. Thread-safe.
 */
public final class ConsoleFiles {

  /**
   * Nothing but the console's own files is loaded, and no script that is written into a page runs.
   *
   * @see <a href="https://www.w3.org/TR/CSP3/">Content Security Policy</a>
   */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private static final String PAGE = "index.html";

  /** A name has no slash, so that no path leads out of the folder. */
  private static final Pattern PATH = Pattern.compile("/console/([A-Za-z0-9-]+(?:\\.[a-z]+)+)");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, Content> contents = new ConcurrentHashMap<>();

  /**
   * A whole response.
   *
   * @param body not copied; also that of a response to {@code HEAD}, which is sent without it
   */
  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  public record Response(int status, Map<String, String> headers, byte[] body) {}

  @SuppressWarnings("ArrayRecordComponent") // made once, never compared
  private record Content(String type, byte[] bytes, String etag) {}

  /**
   * Responds to {@code GET} and {@code HEAD}; only to hosts that are this machine, because a page
   * of another origin could otherwise read what its own name leads to (DNS rebinding).
   *
   * @param path of the request, decoded, without its query
   * @return empty if there is no such file, or for another method
   */
  public Optional<Response> respond(IncomingRequest request, String path) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    Optional<Content> content = reads ? find(path) : Optional.empty();
    if (content.isEmpty()) {
      return Optional.empty();
    }
    if (!LoopbackHost.isLoopback(request.header("Host"))) {
      return Optional.of(
          Problem.forbidden("The console responds only at 127.0.0.1 and localhost.").response());
    }
    return Optional.of(response(content.get(), request.header("If-None-Match")));
  }

  private static Response response(Content content, String known) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", content.type());
    headers.put("ETag", content.etag());
    // Kept, but never used without asking: a new version is there with the next load.
    headers.put("Cache-Control", "no-cache");
    headers.putAll(securityHeaders());
    return known.equals(content.etag())
        ? new Response(304, headers, new byte[0])
        : new Response(200, headers, content.bytes());
  }

  /** What every response of the console tells a browser. */
  static Map<String, String> securityHeaders() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    return headers;
  }

  private Optional<Content> find(String path) {
    Matcher matcher = PATH.matcher(path);
    String name = path.equals("/") ? PAGE : matcher.matches() ? matcher.group(1) : "";
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null) {
      return Optional.empty();
    }
    Content content = contents.get(name);
    if (content == null) {
      Optional<byte[]> bytes = read(name);
      if (bytes.isEmpty()) {
        return Optional.empty();
      }
      content = new Content(type, bytes.get(), etag(bytes.get()));
      contents.put(name, content);
    }
    return Optional.of(content);
  }

  private static Optional<byte[]> read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream("web/" + name)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String etag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(hash, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
