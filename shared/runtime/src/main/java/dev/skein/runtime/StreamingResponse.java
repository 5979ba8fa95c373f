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
 * slow or go away.
 */
public interface StreamingResponse {

  /**
   * Begins the response: status and headers leave at once.
   *
   * @param status 200 to 599
   * @param headers a value for each name, sent in this map's order
   * @return where the body goes. Each write leaves at once as one chunk, so that the writer writes
   *     whole pieces. A write blocks while the reader is slow, and throws IOException once the
   *     caller has gone, the response was failed or its limit has passed. Closing it does nothing:
   *     the response ends when the handler returns
   * @throws IOException as a write does
   * @throws IllegalStateException when the response was begun before
   */
  OutputStream begin(int status, Map<String, String> headers) throws IOException;

  /**
   * Makes a begun response end as broken, with error trailers, when the handler returns; before
   * {@link #begin} it makes the invocation fail. Later writes throw. The first failure counts. A
   * buffered response that was begun is still answered: its text tells of the failure itself.
   *
   * @param errorType one word, such as {@code Model.TimedOut}
   * @param errorMessage the program's own words: the caller may see them
   */
  void fail(String errorType, String errorMessage);

  /**
   * Has a task run once, on another thread, when the caller goes away while the response is being
   * written; at once when that has happened already. Several tasks run in order.
   */
  void onDisconnect(Runnable task);

  /**
   * From now on the response has at most this long: after it a write that waits or comes fails, and
   * the connection is closed. A later call replaces the limit; it ends with the response.
   */
  void limit(Duration time);

  /**
   * Has work run after the response was posted and before the next event is asked for, whatever
   * became of the response. Several run in order; a fault in one is logged and keeps none from
   * running.
   *
   * @throws IllegalStateException when all such work is done already
   */
  void afterwards(Runnable work);
}
