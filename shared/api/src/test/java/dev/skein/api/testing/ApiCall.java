package dev.skein.api.testing;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One call of a function through its event, as API Gateway makes it, and what the caller gets.
 *
 * @param headers of the response, by name
 */
public record ApiCall(int status, JsonNode headers, JsonNode body) {

  /** Sends this body to {@code POST path}, with ten seconds left. */
  public static ApiCall post(RequestStreamHandler function, String path, String body) {
    return of(function, event("POST", path, body), Duration.ofSeconds(10));
  }

  /** Sends any event. */
  public static ApiCall of(RequestStreamHandler function, JsonNode event, Duration remaining) {
    var response = new ByteArrayOutputStream();
    try {
      function.handleRequest(
          new ByteArrayInputStream(event.toString().getBytes(StandardCharsets.UTF_8)),
          response,
          new FakeContext(remaining));
      JsonNode answer = Json.EVENT.parse(ByteBuffer.wrap(response.toByteArray()));
      return new ApiCall(
          answer.get("statusCode").intValue(),
          answer.get("headers"),
          Json.EVENT.parse(answer.get("body").textValue()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedJsonException e) {
      throw new AssertionError("the function answered no JSON", e);
    }
  }

  /** A REST API event with the parts that functions read; more can be put into it. */
  public static ObjectNode event(String method, String path, String body) {
    var event = Json.object().put("httpMethod", method).put("resource", path).put("body", body);
    event.putObject("headers").put("Content-Type", "application/json");
    event
        .putObject("requestContext")
        .put("requestId", "req-1")
        .putObject("identity")
        .put("apiKeyId", "key-1");
    return event;
  }
}
