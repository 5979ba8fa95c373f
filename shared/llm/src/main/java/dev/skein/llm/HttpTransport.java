package dev.skein.llm;

import dev.skein.base.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;

/** Sends over the function's one HTTP client. */
record HttpTransport(HttpClient http, Mailbox.Factory mailboxes) implements Transport {

  @Override
  public Exchange open(Endpoint endpoint, RequestBody body) {
    String accepted = body.streaming() ? "text/event-stream, application/json" : "application/json";
    var builder =
        HttpRequest.newBuilder(
                URI.create(endpoint.config().baseUrl() + body.request().api().path()))
            .header("Content-Type", "application/json")
            .header("Accept", accepted)
            .header("User-Agent", "skein")
            .POST(BodyPublishers.ofByteArray(Json.STRICT.writeUtf8(body.json())));
    endpoint.config().apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    return HttpExchange.open(http, builder.build(), mailboxes.create());
  }
}
