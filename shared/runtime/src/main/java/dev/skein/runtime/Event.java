package dev.skein.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One event with what the platform says of it.
 *
 * @param deadlineMs when the invocation will be killed, in milliseconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
record Event(
    String requestId,
    long deadlineMs,
    @Nullable String functionArn,
    @Nullable String traceId,
    byte[] body) {

  static Event from(Answer answer) throws IOException {
    String requestId = answer.header("Lambda-Runtime-Aws-Request-Id");
    String deadline = answer.header("Lambda-Runtime-Deadline-Ms");
    if (requestId == null || requestId.isEmpty() || deadline == null) {
      throw new IOException("an event came without its request id or deadline");
    }
    try {
      return new Event(
          requestId,
          Long.parseLong(deadline),
          answer.header("Lambda-Runtime-Invoked-Function-Arn"),
          answer.header("Lambda-Runtime-Trace-Id"),
          answer.body());
    } catch (NumberFormatException e) {
      throw new IOException("an event came with a deadline that is no number", e);
    }
  }
}
