package dev.skein.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response that is collected, and posted as an API Gateway proxy response when the handler has
 * returned: for front ends that cannot stream. A disconnect cannot be detected before that.
 */
final class BufferedResponse extends HandlerResponse {
  /** The largest payload that the platform accepts. */
  static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  static final ErrorReport TOO_LARGE =
      new ErrorReport(
          "Function.ResponseSizeTooLarge", "The response exceeds 6 MB, the buffered limit.");
  private static final ErrorReport TIME_UP =
      new ErrorReport(
          "Runtime.ResponseTimeLimit", "The response was not written within its time limit.");

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private Map<String, String> headers = Map.of();
  private int status;
  private @Nullable ErrorReport exceeded;

  BufferedResponse(InvocationEvent invocation, RuntimeApiClient api, RuntimeLog log) {
    super(invocation, api, log);
  }

  @Override
  public synchronized OutputStream begin(int code, Map<String, String> values) throws IOException {
    markBegun(code);
    status = code;
    headers = new LinkedHashMap<>(values);
    return new Body();
  }

  @Override
  synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    if (exceeded == null && timeLeftMs() == 0) {
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
      // Nothing was sent yet, and half a body would look complete.
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
      api.respond(invocation, payload);
    }
  }
}
