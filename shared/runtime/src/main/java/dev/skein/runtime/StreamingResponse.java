package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;

/**
 * The HTTP response to one event; made by the runtime. Its methods may be called by several
 * threads, until {@link StreamingHandler#handle} has returned.
 *
 * <p>With {@code RESPONSE_MODE=buffered} nothing leaves before the handler returns: then the whole
 * response, at most 6 MB of UTF-8 text, is posted at once, and there is no reader that could be
 * slow or disconnect.
 */
public interface StreamingResponse {

  /**
   * Begins the response: status and headers leave at once.
   *
   * @param status 200 to 599
   * @param headers a value for each name, sent in this map's order
   * @return the body. Each write leaves at once as one chunk, so write whole pieces. A write blocks
   *     while the reader is slow, and throws IOException once the caller has disconnected, the
   *     response was failed or its time limit has passed. Closing it does nothing: the response
   *     ends when the handler returns
   * @throws IOException as a write does
   * @throws IllegalStateException when the response has begun already
   */
  OutputStream begin(int status, Map<String, String> headers) throws IOException;

  /**
   * Makes a response that has begun end as broken, with error trailers, when the handler returns;
   * before {@link #begin} it makes the invocation fail. Later writes throw. Only the first failure
   * is reported. A buffered response that has begun is still posted: its text reports the failure.
   *
   * @param errorType one word, such as {@code Model.TimedOut}
   * @param errorMessage free of what callers sent: the caller may see it
   */
  void fail(String errorType, String errorMessage);

  /**
   * Runs a task once, on another thread, when the caller disconnects while the response is being
   * written; at once when that has happened already. Several tasks run in order.
   */
  void onDisconnect(Runnable task);

  /**
   * Limits the response to this time from now, until the Runtime API has confirmed all of it: then
   * a blocked or later write fails, and the connection is closed. A later call replaces the limit.
   */
  void limit(Duration time);

  /**
   * Runs work after the response was posted and before the next event is asked for, whatever became
   * of the response. Several run in order; a fault in one is logged and keeps none from running.
   *
   * @throws IllegalStateException when all such work has ended
   */
  void afterwards(Runnable work);
}
