package dev.skein.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;

/** Sends over the function's one HTTP client. */
final class HttpTransport implements Transport {
  private final HttpClient http;
  private final Timer timer;

  HttpTransport(HttpClient http, Timer timer) {
    this.http = http;
    this.timer = timer;
  }

  @Override
  public Exchange prepare(
      Endpoint endpoint, LlmRequest request, boolean streaming, Listener listener) {
    String model = endpoint.modelFor(request);
    var builder =
        HttpRequest.newBuilder(URI.create(endpoint.config().baseUrl() + "/chat/completions"))
            .header("Content-Type", "application/json")
            .header(
                "Accept", streaming ? "text/event-stream, application/json" : "application/json")
            .header("User-Agent", "skein")
            .POST(BodyPublishers.ofString(json(request, model, streaming)));
    endpoint.config().apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    return new HttpExchange(
        http,
        builder.build(),
        streaming ? Optional.of(new StreamedReply(request)) : Optional.empty(),
        timer,
        listener);
  }

  private static String json(LlmRequest request, String model, boolean streaming) {
    ObjectNode body = Json.object();
    body.put("model", model);
    body.setAll(request.fields());
    body.put("model", model);
    body.remove("stream");
    if (streaming) {
      body.put("stream", true);
      // Without it a stream does not tell what it cost.
      ObjectNode options =
          body.path("stream_options") instanceof ObjectNode given
              ? given.deepCopy()
              : Json.object();
      body.set("stream_options", options.put("include_usage", true));
    }
    return Json.STRICT.write(body);
  }
}
