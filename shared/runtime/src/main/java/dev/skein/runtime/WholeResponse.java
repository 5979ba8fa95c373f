package dev.skein.runtime;

import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The response of a {@link WholeHandler}: a payload that is posted as it is. */
final class WholeResponse extends HandlerResponse {
  private byte @Nullable [] payload;

  WholeResponse(InvocationEvent invocation, RuntimeApiClient api, RuntimeLog log) {
    super(invocation, api, log);
  }

  void set(byte[] bytes) {
    payload = bytes;
  }

  @Override
  public OutputStream begin(int status, Map<String, String> headers) {
    throw new IllegalStateException("this response is no HTTP response");
  }

  @Override
  void write(byte[] bytes, int offset, int length) {
    throw new IllegalStateException("this response is set as a whole");
  }

  @Override
  void end(@Nullable ErrorReport thrown) {
    if (thrown != null || payload == null) {
      failInvocation(null, thrown);
    } else if (payload.length > BufferedResponse.PAYLOAD_LIMIT) {
      failInvocation(BufferedResponse.TOO_LARGE, null);
    } else {
      api.respond(invocation, payload);
    }
  }
}
