package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.IOException;
import java.io.InputStream;

/**
 * Handles one event at a time per thread, and writes the response as it comes. An implementation is
 * thread-safe (an environment with several workers has one handler) and has a public constructor
 * without parameters.
 */
public interface StreamingHandler {

  /**
   * Handles one event. The response ends well when this returns, and as broken when it throws.
   *
   * @param event the whole event, in memory
   * @param response to be used until this method returns
   * @param context without client context and Cognito identity: both are null
   * @throws IOException as any other exception: before the response was begun the invocation fails,
   *     later the caller sees that the response is broken off
   */
  void handle(InputStream event, StreamingResponse response, Context context) throws IOException;
}
