package dev.skein.console;

import dev.skein.http.IncomingRequest;
import java.util.Arrays;
import java.util.Optional;

/** The routes that the console's page calls; no others are forwarded, above all no erasure. */
enum ForwardedRoute {
  AUDIT("GET", "/audit", true),
  AUDIT_SUMMARY("GET", "/audit/summary", true),
  MODELS("GET", "/v1/models", false),
  CHAT("POST", "/chat", false),
  ANALYZE("POST", "/analyze", false),
  SUMMARIES("POST", "/summaries", false);

  private final String method;
  private final String path;
  private final boolean signed;

  ForwardedRoute(String method, String path, boolean signed) {
    this.method = method;
    this.path = path;
    this.signed = signed;
  }

  /** The route of a request. */
  static Optional<ForwardedRoute> of(IncomingRequest request) {
    String path = request.path().split("\\?", 2)[0];
    return Arrays.stream(values())
        .filter(route -> route.method.equals(request.method()) && route.path.equals(path))
        .findFirst();
  }

  /** Whether requests are signed with AWS credentials; the others have an API key. */
  boolean isSigned() {
    return signed;
  }
}
