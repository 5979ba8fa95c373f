package dev.skein.api;

import dev.skein.base.Deadline;

/**
 * What a function does for one method and path.
 *
 * @param method upper case
 * @param path the end of the resource's path: a template may mount it below any prefix
 * @param errors how it tells a problem
 */
public record Route(String method, String path, ErrorFormat errors, Handler handler) {

  /** A route that tells problems in documents of their own. */
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
     * The response to a request that fits.
     *
     * @param deadline when the environment's time for this invocation is up
     * @throws RefusedException when the request does not fit
     */
    ApiResponse handle(ApiRequest request, Deadline deadline) throws RefusedException;
  }
}
