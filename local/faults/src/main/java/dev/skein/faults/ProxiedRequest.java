package dev.skein.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A request that a {@link FaultProxy} has received completely.
 *
 * @param operation the AWS operation, for example {@code SendMessage}; for a request without {@code
 *     X-Amz-Target} its method
 * @param headers by lower-case name
 * @param clientPort the client's end of the connection, by which its process can be found
 * @param proxyPort the proxy's end of it
 */
public record ProxiedRequest(
    String operation, Map<String, String> headers, int clientPort, int proxyPort, String body) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CREDENTIAL = Pattern.compile("Credential=([^/,]+)/");

  public ProxiedRequest {
    headers = Map.copyOf(headers);
  }

  /** The ID of the access key that signed it; empty if it is not signed. */
  public String accessKey() {
    var credential = CREDENTIAL.matcher(headers.getOrDefault("authorization", ""));
    return credential.find() ? credential.group(1) : "";
  }

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
