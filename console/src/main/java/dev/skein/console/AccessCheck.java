package dev.skein.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.http.IncomingRequest;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * Decides which requests are forwarded with the operator's credentials: those of the console's own
 * page. Another page in the same browser is stopped by its origin and by the token, a name that
 * leads to this machine (DNS rebinding) by the host, and another user or program of this machine by
 * the token. Immutable.
 */
final class AccessCheck {

  /** The header with the token, which no page of another origin can add. */
  static final String TOKEN_HEADER = "X-Skein-Console-Token";

  private static final int TOKEN_BYTES = 24;

  private final String token;

  /**
   * @param token what the console's page was opened with
   */
  AccessCheck(String token) {
    this.token = token;
  }

  /** A token that nobody can guess, of characters that need no encoding in a URL. */
  static String newToken() {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** Why this request is not forwarded; empty if it is. */
  Optional<String> refusal(IncomingRequest request) {
    String host = request.header("Host");
    if (!LoopbackHost.isLoopback(host)) {
      return Optional.of("The console responds only at 127.0.0.1 and localhost.");
    }
    if (!isOwnOrigin(request, host)) {
      return Optional.of("The console responds only to its own page.");
    }
    if (!MessageDigest.isEqual(
        request.header(TOKEN_HEADER).getBytes(UTF_8), token.getBytes(UTF_8))) {
      return Optional.of(
          "The token is missing or of an earlier start. Open the URL that the console printed.");
    }
    return Optional.empty();
  }

  /** A browser sends {@code Origin} with every request but a GET or HEAD of the same origin. */
  private static boolean isOwnOrigin(IncomingRequest request, String host) {
    String origin = request.header("Origin");
    String site = request.header("Sec-Fetch-Site");
    boolean own = origin.equals("http://" + host);
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    return (own || (origin.isEmpty() && reads)) && (site.isEmpty() || site.equals("same-origin"));
  }
}
