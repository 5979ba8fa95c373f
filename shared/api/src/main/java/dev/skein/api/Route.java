package dev.skein.api;

import dev.skein.base.Deadline;
import java.util.List;

/**
 * What a function does for one method and path. Where several paths match, the first route decides.
 *
 * @param method upper case, or {@link #ANY}; GET includes HEAD
 * @param path the end of the request's path: the template may mount it below any prefix. It may end
 *     in a greedy path variable, such as {@code {proxy+}}, which stands for one segment or more.
 * @param errors the format of its error responses
 */
public record Route(String method, String path, ErrorFormat errors, Handler handler) {

  /** Every method. */
  public static final String ANY = "ANY";

  /** A route whose errors are problem documents. */
  public Route(String method, String path, Handler handler) {
    this(method, path, ErrorFormat.PROBLEM, handler);
  }

  boolean isAt(String requested) {
    int below = path.indexOf('/', 1);
    if (below < 0) {
      return requested.endsWith(path);
    }
    // The first time: what a greedy path variable stands for may look like a route itself.
    int at = requested.indexOf(path.substring(0, below + 1));
    int variable = path.indexOf('{');
    return variable < 0
        ? at >= 0 && requested.substring(at).equals(path)
        : at >= 0
            && requested.startsWith(path.substring(0, variable), at)
            && at + variable < requested.length();
  }

  boolean accepts(String requested) {
    return method.equals(ANY) || allowed().contains(requested);
  }

  List<String> allowed() {
    return switch (method) {
      case ANY -> List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
      case "GET" -> List.of("GET", "HEAD");
      default -> List.of(method);
    };
  }

  /** Answers one request. */
  @FunctionalInterface
  public interface Handler {

    /**
     * The response to a request.
     *
     * @param deadline when the invocation times out
     * @throws RefusedException when the request is invalid
     */
    ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException;
  }
}
