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
final class BufferedReply extends Reply {
  /** What the platform takes as one payload. */
  static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  private static final Failure TOO_LARGE =
      new Failure(
          "Function.ResponseSizeTooLarge",
          "The response is larger than 6 MB, which is the most that can be answered buffered.");
  private static final Failure TIME_UP =
      new Failure("Runtime.ResponseTimeLimit", "The response was not written within its limit.");

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private Map<String, String> headers = Map.of();
  private int status;
  private long deadline;
  private boolean limited;
  private @Nullable Failure refused;

  BufferedReply(String requestId, RuntimeClient api, RuntimeLog log) {
    super(requestId, api, log);
  }

  @Override
  public synchronized OutputStream begin(int code, Map<String, String> values) throws IOException {
    StreamedReply.check(code, status != 0);
    if (failure() != null) {
      throw new BrokenResponseException("the response was failed");
    }
    status = code;
    headers = new LinkedHashMap<>(values);
    return new Body();
  }

  @Override
  public void onDisconnect(Runnable task) {
    // Nobody can go away from a response that has not begun to leave.
  }

  @Override
  public synchronized void limit(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
    limited = true;
  }

  @Override
  synchronized void end(@Nullable Failure thrown) {
    Failure said = failure();
    if (refused != null) {
      failInvocation(refused, null);
    } else if (status == 0) {
      failInvocation(said, thrown);
    } else if (thrown != null && said == null) {
      // Nothing has left yet: what is there would be taken for the whole.
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

  private synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    if (refused == null && limited && System.nanoTime() - deadline >= 0) {
      refused = TIME_UP;
    }
    if (refused == null && length > PAYLOAD_LIMIT - body.size()) {
      refused = TOO_LARGE;
    }
    if (refused != null) {
      throw new BrokenResponseException(refused.message());
    }
    if (failure() != null) {
      throw new BrokenResponseException("the response was failed");
    }
    body.write(bytes, offset, length);
  }

  private final class Body extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      BufferedReply.this.write(bytes, offset, length);
    }
  }
}
