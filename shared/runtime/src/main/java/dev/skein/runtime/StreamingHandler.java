package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;

/**
 * Handles one event at a time per thread, and writes the response as a stream. An implementation is
 * thread-safe (an environment with several workers has one handler) and has a public constructor
 * without parameters.
 */
public interface StreamingHandler extends AutoCloseable {

  /**
   * A handler whose response is no HTTP response, or already has API Gateway's form. Its output, at
   * most 6 MB, is posted as it is, whatever {@code RESPONSE_MODE} says.
   */
  static StreamingHandler of(RequestStreamHandler handler) {
    return new WholeHandler(handler);
  }

  /**
   * Handles one event. The response ends normally when this returns, and as broken when it throws.
   *
   * @param event the complete event, in memory
   * @param response may be used until this method returns
   * @param context its client context and Cognito identity are null
   * @throws IOException like any other exception: before the response has begun, the invocation
   *     fails; later, the caller sees that the response is incomplete
   */
  void handle(InputStream event, StreamingResponse response, Context context) throws IOException;

  /**
   * Releases the handler's resources. Called once: before a snapshot ({@link SnapStart}), or on
   * SIGTERM when the running invocations have ended, or 300 ms after the signal. Invocations that
   * this ends have another 150 ms for the rest of their response and the work that follows it. Does
   * nothing by default.
   */
  @Override
  default void close() {}
}
