package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import java.util.HashMap;
import java.util.Map;

/**
 * One HTTP response. Immutable, except for a body that streams.
 *
 * @param headers by name
 * @param afterwards work that runs after the response was sent, so that the caller does not wait
 */
public record ApiResponse(int status, Map<String, String> headers, Body body, Runnable afterwards) {

  public ApiResponse {
    headers = Map.copyOf(headers);
  }

  /** A response with a whole body and no work afterwards. */
  public ApiResponse(int status, Map<String, String> headers, String text) {
    this(status, headers, new Text(text), () -> {});
  }

  /** The body. */
  public sealed interface Body permits Text, StreamedBody {}

  /** A whole body. */
  public record Text(String text) implements Body {}

  /** A 200. */
  public static ApiResponse ok(JsonNode body) {
    return ok(Json.EVENT.writeReadable(body));
  }

  /** A 200 with a JSON document, sent unmodified. */
  public static ApiResponse ok(String json) {
    return new ApiResponse(200, Map.of("Content-Type", "application/json"), json);
  }

  /** This response with these headers added. */
  public ApiResponse with(Map<String, String> more) {
    var all = new HashMap<>(headers);
    all.putAll(more);
    return new ApiResponse(status, all, body, afterwards);
  }

  /** This response to a HEAD request: the same status and headers. */
  ApiResponse withoutBody() {
    return new ApiResponse(status, headers, new Text(""), afterwards);
  }

  /** This response with this work afterwards, before its own. */
  public ApiResponse firstAfterwards(Runnable work) {
    return new ApiResponse(
        status,
        headers,
        body,
        () -> {
          work.run();
          afterwards.run();
        });
  }
}
