package dev.skein.api;

import dev.skein.base.Deadline;

/**
 * What a function does for one method and path.
 *
 * @param method upper case
 * @param path the end of the resource's path: a template may mount it below any prefix
 */
public record Route(String method, String path, Handler handler) {

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
