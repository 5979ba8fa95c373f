package dev.skein.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A request whose reply streams, in the form of each of its callers.
 *
 * @param path behind the API's address
 * @param body what an HTTP caller posts
 * @param event what Lambda hands to the function
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record StreamedRoute(String path, String body, byte[] event) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The request of a sample event. */
  static StreamedRoute of(Path sample) throws IOException {
    byte[] event = Files.readAllBytes(sample);
    JsonNode request = JSON.readTree(event);
    return new StreamedRoute(request.path("path").asText(), request.path("body").asText(), event);
  }
}
