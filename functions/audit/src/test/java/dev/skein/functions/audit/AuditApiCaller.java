package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.FakeContext;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A caller of {@code GET /audit}, through API Gateway's events. */
final class AuditApiCaller {
  private final AuditReaderFunction reader;
  private final Duration time;
  private int largestEvent;

  AuditApiCaller(AuditReaderFunction reader) {
    this(reader, Duration.ofSeconds(15));
  }

  AuditApiCaller(AuditReaderFunction reader, Duration time) {
    this.reader = reader;
    this.time = time;
  }

  /** The records of one answer by their ids, and its cursor. */
  record Page(List<String> ids, Optional<String> next) {}

  /** The response to a request with this Accept header. */
  CollectedResponse get(String path, String accept, Map<String, String> query) {
    return send(request(path, accept, query), new CollectedResponse());
  }

  CollectedResponse send(JsonNode event, CollectedResponse response) {
    try {
      byte[] utf8 = Json.EVENT.write(event).getBytes(StandardCharsets.UTF_8);
      reader.handle(new ByteArrayInputStream(utf8), response, new FakeContext(time));
      return response;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode request(String path, String accept, Map<String, String> query) {
    var event = Json.object().put("httpMethod", "GET").put("resource", path);
    event.putObject("requestContext").put("requestId", "r-1");
    event.putObject("headers").put("Accept", accept);
    var parameters = event.putObject("queryStringParameters");
    query.forEach(parameters::put);
    return event;
  }

  /** The response, with its status, headers and body. */
  JsonNode answer(Map<String, String> query) {
    return answer(request("/audit", "application/json", query));
  }

  JsonNode answer(JsonNode event) {
    var response = send(event, new CollectedResponse());
    var answer = Json.object().put("statusCode", response.status()).put("body", response.text());
    answer.putObject("headers").put("Retry-After", response.header("Retry-After"));
    largestEvent = Math.max(largestEvent, Json.EVENT.write(answer).length());
    return answer;
  }

  /** The body of a 200. */
  JsonNode ok(Map<String, String> query) {
    JsonNode response = answer(query);
    assertThat(response.path("statusCode").asInt()).as("%s", response).isEqualTo(200);
    return body(response);
  }

  static JsonNode body(JsonNode response) {
    return json(response.path("body").asText());
  }

  static JsonNode json(String text) {
    try {
      return Json.EVENT.parse(text);
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A page.
   *
   * @param more further parameters: name, value, and so on
   */
  Page page(Map<String, String> query, String... more) {
    var parameters = new HashMap<>(query);
    for (int i = 0; i < more.length; i += 2) {
      parameters.put(more[i], more[i + 1]);
    }
    JsonNode body = ok(parameters);
    return new Page(
        body.path("records").valueStream().map(r -> r.path("audit_id").asText()).toList(),
        Optional.ofNullable(body.path("next_cursor").textValue()));
  }

  /** The ids on all pages. */
  List<String> all(Map<String, String> query, int limit) {
    var ids = new ArrayList<String>();
    Page page = page(query, "limit", Integer.toString(limit));
    for (int pages = 1; page.next().isPresent(); pages++) {
      assertThat(pages).as("pages without an end").isLessThan(300);
      assertThat(page.ids().size()).isLessThanOrEqualTo(limit);
      ids.addAll(page.ids());
      page = page(query, "limit", Integer.toString(limit), "cursor", page.next().get());
    }
    ids.addAll(page.ids());
    return ids;
  }

  /** The size of the largest answer so far, in bytes. */
  int largestEvent() {
    return largestEvent;
  }
}
