package dev.skein.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * A request that a {@link FaultProxy} has received completely.
 *
 * @param operation the AWS operation, for example {@code SendMessage}; for a request without {@code
 *     X-Amz-Target} its method
 * @param clientPort the client's end of the connection, by which its process can be found
 * @param proxyPort the proxy's end of it
 */
public record ProxiedRequest(String operation, int clientPort, int proxyPort, String body) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The body's JSON, or a missing node if it is not JSON. */
  public JsonNode json() {
    return json(body);
  }

  /** A text's JSON, or a missing node if it is not JSON. */
  public static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
