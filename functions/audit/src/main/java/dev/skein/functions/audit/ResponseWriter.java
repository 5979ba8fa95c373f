package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ApiResponse;
import dev.skein.api.StreamedBody;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Writes a response on the runtime loop, whole or as a stream. */
final class ResponseWriter {
  /** The end of an invocation, which a caller who does not read must not delay. */
  private static final Duration MARGIN = Duration.ofMillis(200);

  private static final Duration MIN_TIME = Duration.ofMillis(100);

  private ResponseWriter() {}

  static void write(ApiResponse answer, StreamingResponse response, Context context)
      throws IOException {
    response.afterwards(answer.afterwards());
    Duration left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(MARGIN);
    response.limit(left.compareTo(MIN_TIME) > 0 ? left : MIN_TIME);
    switch (answer.body()) {
      case ApiResponse.Text(String text) ->
          response
              .begin(answer.status(), answer.headers())
              .write(text.getBytes(StandardCharsets.UTF_8));
      case StreamedBody body -> {
        response.onDisconnect(body::cancel);
        OutputStream out = response.begin(answer.status(), answer.headers());
        body.writeTo(out).ifPresent(problem -> response.fail(problem.type(), problem.title()));
      }
    }
  }
}
