package dev.skein.runtimeapi;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.runtimeapi.RuntimeApi.PostedResult.Failed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Reads the errors that a runtime reports. */
final class RuntimeError {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TYPE = "lambda-runtime-function-error-type";
  private static final String BODY = "lambda-runtime-function-error-body";

  private RuntimeError() {}

  /** Reads {@code {"errorType": ..., "errorMessage": ...}}; any other text is the message. */
  static Failed of(byte[] body, String type) {
    try {
      JsonNode error = JSON.readTree(body);
      return new Failed(
          error.path("errorType").asText(type.isEmpty() ? "Error" : type),
          error.path("errorMessage").asText(""));
    } catch (JacksonException e) {
      return new Failed(type.isEmpty() ? "Error" : type, new String(body, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The error in the trailers of a stream, if there is one. */
  static Optional<Failed> ofTrailers(Map<String, String> trailers) {
    String type = trailers.getOrDefault(TYPE, "");
    String body = trailers.getOrDefault(BODY, "");
    if (type.isEmpty() && body.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(Base64.getDecoder().decode(body), type));
    } catch (IllegalArgumentException e) {
      return Optional.of(new Failed(type, body));
    }
  }
}
