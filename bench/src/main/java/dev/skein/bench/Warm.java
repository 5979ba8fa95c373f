package dev.skein.bench;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * One environment that has long been running, and the same calls of the model without it.
 *
 * @param chat from handing an event out until its response is here
 * @param direct from calling the model until its reply is here
 * @param messages audit messages for each chat
 */
record Warm(Spread chat, Spread direct, double messages) {

  static final int CALLS = 2_000;

  private static final int WARM_UP = 200;

  /** As the function asks for the event's chat. */
  private static final String REQUEST =
      """
      {"model":"m-1","messages":[{"role":"user","content":"What is a skein of geese?"}],\
      "temperature":0.2,"max_tokens":200}\
      """;

  static Warm measure(Subject chat, Path libraries, byte[] event, Upstream upstream)
      throws IOException, InterruptedException {
    int completed = upstream.completions();
    int sent = upstream.messages();
    Spread served = chats(chat, libraries, event);
    completed = upstream.completions() - completed;
    sent = upstream.messages() - sent;
    if (completed != WARM_UP + CALLS || sent < completed) {
      throw new MeasurementException(
          "%d chats made %d model calls and %d audit messages: that is not what was to be measured"
              .formatted(WARM_UP + CALLS, completed, sent));
    }
    return new Warm(served, calls(upstream), (double) sent / completed);
  }

  private static Spread chats(Subject chat, Path libraries, byte[] event)
      throws IOException, InterruptedException {
    try (FunctionProcess process = new FunctionProcess(chat, libraries, event)) {
      process.await();
      return spread(
          WARM_UP - 1,
          () -> {
            TimedInvocation invocation = process.invoke(event);
            return Duration.ofNanos(invocation.responded() - invocation.handedOut());
          });
    }
  }

  private static Spread calls(Upstream upstream) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(upstream.model().resolve("/v1/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(REQUEST))
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return spread(
          WARM_UP,
          () -> {
            long called = System.nanoTime();
            HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (!reply.body().contains(Upstream.TEXT)) {
              throw new MeasurementException("The stub model responded " + reply.statusCode());
            }
            return Duration.ofNanos(System.nanoTime() - called);
          });
    }
  }

  private static Spread spread(int warmUp, Measurement<Duration> call)
      throws IOException, InterruptedException {
    var taken = Measurement.inTurns(Map.of("", call), warmUp, CALLS, Duration.ZERO);
    return new Spread(taken.values().iterator().next());
  }
}
