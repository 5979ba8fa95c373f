package dev.skein.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;

/** Sends over the function's one HTTP client. */
record HttpTransport(HttpClient http, Mailbox.Factory mailboxes) implements Transport {

  @Override
  public Exchange open(Endpoint endpoint, LlmRequest request, boolean streaming) {
    String body = json(request, endpoint.modelFor(request), streaming);
    var builder =
        HttpRequest.newBuilder(URI.create(endpoint.config().baseUrl() + "/chat/completions"))
            .header("Content-Type", "application/json")
            .header(
                "Accept", streaming ? "text/event-stream, application/json" : "application/json")
            .header("User-Agent", "skein")
            .POST(BodyPublishers.ofString(body));
    endpoint.config().apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    return HttpExchange.open(http, builder.build(), mailboxes.create());
  }

  private static String json(LlmRequest request, String model, boolean streaming) {
    ObjectNode body = Json.object();
    body.put("model", model);
    body.setAll(request.fields());
    if (streaming) {
      body.put("stream", true);
      // Without it a stream does not report its token usage.
      ObjectNode options =
          body.path("stream_options") instanceof ObjectNode given
              ? given.deepCopy()
              : Json.object();
      body.set("stream_options", options.put("include_usage", true));
    }
    return Json.STRICT.write(body);
  }
}
