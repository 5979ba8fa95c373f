package dev.skein.api;

import dev.skein.base.Deadline;

/**
 * What a function does for one method and path.
 *
 * @param method upper case
 * @param path the end of the resource's path: the template may mount it below any prefix
 * @param errors the format of its error responses
 */
public record Route(String method, String path, ErrorFormat errors, Handler handler) {

  /** A route whose errors are problem documents. */
  public Route(String method, String path, Handler handler) {
    this(method, path, ErrorFormat.PROBLEM, handler);
  }

  boolean isAt(String resource) {
    return resource.endsWith(path);
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
