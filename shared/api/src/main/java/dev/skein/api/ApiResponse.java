package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import java.util.HashMap;
import java.util.Map;

/**
 * One HTTP response: immutable, but for a body that streams.
 *
 * @param headers by name
 * @param afterwards what is left to do when the caller has the response, and needs not wait for
 */
public record ApiResponse(int status, Map<String, String> headers, Body body, Runnable afterwards) {

  public ApiResponse {
    headers = Map.copyOf(headers);
  }

  /** A response with a text and nothing left to do. */
  public ApiResponse(int status, Map<String, String> headers, String text) {
    this(status, headers, new Text(text), () -> {});
  }

  /** What follows the headers. */
  public sealed interface Body permits Text, StreamedBody {}

  /** A body that is whole. */
  public record Text(String text) implements Body {}

  /** A 200. */
  public static ApiResponse ok(JsonNode body) {
    return ok(Json.EVENT.writeReadable(body));
  }

  /** A 200 with a document of JSON as it is. */
  public static ApiResponse ok(String json) {
    return new ApiResponse(200, Map.of("Content-Type", "application/json"), json);
  }

  /** The same response with these headers beside its own. */
  public ApiResponse with(Map<String, String> more) {
    var all = new HashMap<>(headers);
    all.putAll(more);
    return new ApiResponse(status, all, body, afterwards);
  }

  /** The same response with this to do when it is with the caller, before what there was. */
  public ApiResponse followedBy(Runnable work) {
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
