package dev.skein.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One event with its invocation's metadata.
 *
 * @param deadlineMs when the invocation will be killed, in milliseconds since 1970
 * @param traceId the header of X-Ray, for example {@code Root=1-…;Parent=…;Sampled=0}
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record InvocationEvent(
    String requestId,
    long deadlineMs,
    @Nullable String functionArn,
    @Nullable String traceId,
    byte[] body) {

  private static final String ROOT = "Root=";

  /** The trace's ID, which API Gateway passes to Lambda; null if there is none. */
  @Nullable String traceRoot() {
    if (traceId == null) {
      return null;
    }
    for (String part : traceId.split(";", -1)) {
      if (part.startsWith(ROOT)) {
        return part.substring(ROOT.length());
      }
    }
    return null;
  }

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
