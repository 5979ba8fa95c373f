package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;

/**
 * The HTTP response to one event, provided by the runtime. Thread-safe; may be used until {@link
 * StreamingHandler#handle} returns.
 *
 * <p>With {@code RESPONSE_MODE=buffered} nothing is sent before the handler returns. Then the whole
 * response, at most 6 MB of UTF-8 text, is posted at once, so a write never blocks, and a
 * disconnect cannot be detected.
 */
public interface StreamingResponse {

  /**
   * Begins the response: sends the status and the headers immediately.
   *
   * @param status 200 to 599
   * @param headers one value per name, sent in the map's order
   * @return the body. Each write is sent immediately as one chunk, so write complete pieces. A
   *     write blocks while the caller reads slowly. It throws IOException once the caller has
   *     disconnected, the response has failed or its time limit has passed. Closing the stream does
   *     nothing: the response ends when the handler returns
   * @throws IOException for the same reasons as a write
   * @throws IllegalStateException if the response has already begun
   */
  OutputStream begin(int status, Map<String, String> headers) throws IOException;

  /**
   * Reports a failure. When the handler returns, a response that has begun is ended as broken, with
   * error trailers; otherwise the invocation fails. Later writes throw. Only the first failure is
   * reported. A buffered response that has begun is still posted: its body describes the failure.
   *
   * @param errorType one word, such as {@code Model.TimedOut}
   * @param errorMessage must not contain anything that callers sent, because it may be shown to
   *     them
   */
  void fail(String errorType, String errorMessage);

  /**
   * Sets the task that runs once, on another thread, if the caller disconnects before the handler
   * returns. The last call counts.
   *
   * @throws IllegalStateException if the response has already begun
   */
  void onDisconnect(Runnable task);

  /**
   * Limits the time, from now, until the Runtime API has confirmed the complete response. After
   * that a blocked or later write throws, and the connection is closed. By default there is no
   * limit. The last call counts.
   *
   * @throws IllegalStateException if the response has already begun
   */
  void limit(Duration time);

  /**
   * Sets the work that runs after the response was posted and before the next event is requested,
   * whether or not the response succeeded. An exception from it is logged. The last call counts.
   */
  void afterwards(Runnable work);
}
