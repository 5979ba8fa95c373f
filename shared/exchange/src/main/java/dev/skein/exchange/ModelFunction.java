package dev.skein.exchange;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiResponse;
import dev.skein.api.CorsPolicy;
import dev.skein.api.Route;
import dev.skein.api.StreamedBody;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A function that calls the model, on Skein's runtime loop: answers each event through its routes,
 * and sends the completed audit record after the response. Every response has a time limit, so that
 * a caller who does not read cannot hold the function until it is killed, and its record is lost.
 * Thread-safe.
 */
public final class ModelFunction implements StreamingHandler {
  /** How long a stream may take to report that its deadline has passed. */
  private static final Duration LAST_EVENT_TIME = Duration.ofMillis(250);

  /** What the work after the response needs beside the delivery of the audit record. */
  private static final Duration MARGIN = Duration.ofMillis(100);

  private static final Duration MIN_RESPONSE_TIME = Duration.ofMillis(100);

  private final ModelEnvironment environment;
  private final ApiFunction api;

  /** A function with these routes; {@link #close} closes the environment's model client. */
  public ModelFunction(ModelEnvironment environment, List<Route> routes) {
    this.environment = environment;
    var cors = CorsPolicy.from(environment.settings());
    this.api = new ApiFunction(routes, cors, environment.log(), System::nanoTime);
  }

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    ApiResponse answer = api.answer(event, context);
    response.afterwards(answer.afterwards());
    Duration limit = responseTime(context);
    switch (answer.body()) {
      case ApiResponse.Text(String text) -> {
        response.limit(limit);
        response
            .begin(answer.status(), answer.headers())
            .write(text.getBytes(StandardCharsets.UTF_8));
      }
      case StreamedBody body -> {
        response.onDisconnect(body::cancel);
        response.limit(min(limit, body.deadline().remaining().plus(LAST_EVENT_TIME)));
        OutputStream out = response.begin(answer.status(), answer.headers());
        body.writeTo(out).ifPresent(problem -> response.fail(problem.type(), problem.title()));
      }
    }
  }

  /**
   * Ends the model calls in flight, whose invocations then answer with an error. The HTTP client
   * stays open, because their records still have to be sent over it.
   */
  @Override
  public void close() {
    environment.llm().close();
    environment.log().info("shutdown", _ -> {});
  }

  /** What is left of the invocation, less the time in which the completed record is sent. */
  private Duration responseTime(Context context) {
    Duration left = Duration.ofMillis(context.getRemainingTimeInMillis());
    Duration limit = left.minus(environment.auditConfig().timeout()).minus(MARGIN);
    return limit.compareTo(MIN_RESPONSE_TIME) < 0 ? MIN_RESPONSE_TIME : limit;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
