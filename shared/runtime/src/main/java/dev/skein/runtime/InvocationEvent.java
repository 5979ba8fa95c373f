package dev.skein.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One event with its invocation's metadata.
 *
 * @param deadlineMs when the invocation will be killed, in milliseconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record InvocationEvent(
    String requestId,
    long deadlineMs,
    @Nullable String functionArn,
    @Nullable String traceId,
    byte[] body) {

  static InvocationEvent from(RuntimeApiResponse response) throws IOException {
    String requestId = response.header("Lambda-Runtime-Aws-Request-Id");
    String deadline = response.header("Lambda-Runtime-Deadline-Ms");
    if (requestId == null || requestId.isEmpty() || deadline == null) {
      throw new IOException("the Runtime API sent an event without a request ID or deadline");
    }
    try {
      return new InvocationEvent(
          requestId,
          Long.parseLong(deadline),
          response.header("Lambda-Runtime-Invoked-Function-Arn"),
          response.header("Lambda-Runtime-Trace-Id"),
          response.body());
    } catch (NumberFormatException e) {
      throw new IOException("the Runtime API sent a deadline that is not a number", e);
    }
  }
}
