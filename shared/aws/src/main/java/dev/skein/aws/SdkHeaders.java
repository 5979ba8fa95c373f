package dev.skein.aws;

import java.net.http.HttpRequest;
import java.util.Locale;
import java.util.Set;
import software.amazon.awssdk.http.SdkHttpRequest;

/** The headers of the SDK's requests. */
final class SdkHeaders {
  /** Headers that {@link java.net.http.HttpClient} sets itself and rejects from callers. */
  private static final Set<String> RESTRICTED =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  private SdkHeaders() {}

  static void copy(SdkHttpRequest request, HttpRequest.Builder builder) {
    request.forEachHeader(
        (name, values) -> {
          if (!RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> builder.header(name, value));
          }
        });
  }
}
