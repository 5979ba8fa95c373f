package dev.skein.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response that is collected, and posted as API Gateway's proxy response when the handler
 * returned: for front doors that cannot stream.
 */
final class BufferedResponse extends HandlerResponse {
  /** The largest payload that the platform accepts. */
  static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  private static final ErrorReport TOO_LARGE =
      new ErrorReport(
          "Function.ResponseSizeTooLarge", "The response exceeds 6 MB, the buffered limit.");
  private static final ErrorReport TIME_UP =
      new ErrorReport(
          "Runtime.ResponseTimeLimit", "The response was not written within its time limit.");

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private Map<String, String> headers = Map.of();
  private int status;
  private long deadline;
  private boolean limited;
  private @Nullable ErrorReport exceeded;

  BufferedResponse(String requestId, RuntimeApiClient api, RuntimeLog log) {
    super(requestId, api, log);
  }

  @Override
  public synchronized OutputStream begin(int code, Map<String, String> values) throws IOException {
    checkBegin(code, status != 0);
    checkNotFailed();
    status = code;
    headers = new LinkedHashMap<>(values);
    return new Body();
  }

  @Override
  public void onDisconnect(Runnable task) {
    // The caller of a response that has not begun to leave is not seen going away.
  }

  @Override
  public synchronized void limit(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
    limited = true;
  }

  @Override
  synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    if (exceeded == null && limited && System.nanoTime() - deadline >= 0) {
      exceeded = TIME_UP;
    }
    if (exceeded == null && length > PAYLOAD_LIMIT - body.size()) {
      exceeded = TOO_LARGE;
    }
    if (exceeded != null) {
      throw new BrokenResponseException(exceeded.message());
    }
    checkNotFailed();
    body.write(bytes, offset, length);
  }

  @Override
  synchronized void end(@Nullable ErrorReport thrown) {
    ErrorReport reported = failure();
    if (exceeded != null) {
      failInvocation(exceeded, null);
    } else if (status == 0) {
      failInvocation(reported, thrown);
    } else if (thrown != null && reported == null) {
      // Nothing has left yet, and half a body would look complete.
      failInvocation(null, thrown);
    } else {
      post();
    }
  }

  private void post() {
    String text = body.toString(StandardCharsets.UTF_8);
    byte[] payload =
        JsonText.response(status, headers, text.length() + 256)
            .put("body", text)
            .putJson("isBase64Encoded", "false")
            .end()
            .getBytes(StandardCharsets.US_ASCII);
    if (payload.length > PAYLOAD_LIMIT) {
      failInvocation(TOO_LARGE, null);
    } else {
      api.respond(requestId, payload);
    }
  }
}
