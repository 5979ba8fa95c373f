package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.IOException;
import java.io.InputStream;

/**
 * Handles one event at a time per thread, and writes the response as a stream. An implementation is
 * thread-safe (an environment with several workers has one handler) and has a public constructor
 * without parameters.
 */
public interface StreamingHandler extends AutoCloseable {

  /**
   * Handles one event. The response ends normally when this returns, and as broken when it throws.
   *
   * @param event the whole event, in memory
   * @param response may be used until this method returns
   * @param context its client context and Cognito identity are null
   * @throws IOException as any other exception: before the response has begun the invocation fails,
   *     later the caller sees that the response is broken off
   */
  void handle(InputStream event, StreamingResponse response, Context context) throws IOException;

  /**
   * Releases what the handler holds. Called once, on SIGTERM: when the busy invocations have ended,
   * or 400 ms after the signal, and at most 100 ms before the process is killed. Does nothing by
   * default.
   */
  @Override
  default void close() {}
}
