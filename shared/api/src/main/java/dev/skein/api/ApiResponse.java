package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import java.util.HashMap;
import java.util.Map;

/**
 * One HTTP response: immutable.
 *
 * @param headers by name
 * @param body JSON
 */
public record ApiResponse(int status, Map<String, String> headers, String body) {

  public ApiResponse {
    headers = Map.copyOf(headers);
  }

  /** A 200. */
  public static ApiResponse ok(JsonNode body) {
    return new ApiResponse(
        200, Map.of("Content-Type", "application/json"), Json.EVENT.writeReadable(body));
  }

  /** The same response with these headers beside its own. */
  public ApiResponse with(Map<String, String> more) {
    var all = new HashMap<>(headers);
    all.putAll(more);
    return new ApiResponse(status, all, body);
  }

  JsonNode toEvent() {
    var event = Json.object();
    event.put("statusCode", status);
    var eventHeaders = event.putObject("headers");
    headers.forEach(eventHeaders::put);
    event.put("body", body);
    event.put("isBase64Encoded", false);
    return event;
  }
}
