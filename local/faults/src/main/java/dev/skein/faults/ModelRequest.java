package dev.skein.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One request as the server received it.
 *
 * @param number counts the calls of all connections from 1; 0 for a request that is not a call
 * @param connection the connection it came on, counted from 1
 * @param clientPort the client's end of that connection, by which its process can be found
 * @param path with its query, for example {@code /v1/chat/completions}
 * @param headers by lower-case name; the values of a repeated header are joined by {@code ", "}
 * @param body decoded from its transfer encoding, as UTF-8
 * @param json the body's JSON, or a missing node when it is not JSON
 */
public record ModelRequest(
    int number,
    int connection,
    int clientPort,
    String method,
    String path,
    Map<String, String> headers,
    String body,
    JsonNode json) {

  static final String COMPLETIONS = "/v1/completions";
  static final String EMBEDDINGS = "/v1/embeddings";

  public ModelRequest {
    headers = Map.copyOf(headers);
  }

  /**
   * The content of the last message of role {@code user}; of a legacy completion its prompt; or an
   * empty string.
   */
  public String lastUserMessage() {
    return contents("user").reduce(json.path("prompt").asText(""), (earlier, later) -> later);
  }

  /** The contents of every message of role {@code system}, one per line, or an empty string. */
  public String system() {
    return contents("system").collect(Collectors.joining("\n"));
  }

  private Stream<String> contents(String role) {
    return StreamSupport.stream(json.path("messages").spliterator(), false)
        .filter(message -> role.equals(message.path("role").textValue()))
        .map(message -> message.path("content").asText());
  }
}
