package dev.skein.faults;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A whole HTTP response with a text body.
 *
 * @param status 200 to 599
 * @param headers {@code Content-Type} defaults to JSON; {@code Content-Length} is added where it is
 *     needed
 */
public record ScriptedResponse(int status, Map<String, String> headers, String body)
    implements ScriptedReply.Whole {

  public ScriptedResponse {
    var fields = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    fields.put("Content-Type", "application/json");
    fields.putAll(headers);
    headers = Collections.unmodifiableMap(fields);
  }

  @Override
  public ScriptedResponse response(ModelRequest request) {
    return this;
  }

  byte[] bodyBytes() {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  /** The status line and headers, with one more header for the framing of the body. */
  String head(String framing) {
    var head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    return head + framing + "\r\n\r\n";
  }

  String headWithLength() {
    return head("Content-Length: " + bodyBytes().length);
  }

  /** Head and body in one piece. */
  List<Step> steps() {
    Step whole = Step.send(headWithLength() + body);
    boolean close = "close".equalsIgnoreCase(headers.get("Connection"));
    return close ? List.of(whole, new Step.Close()) : List.of(whole);
  }

  /**
   * The first bytes of the body.
   *
   * @throws IllegalArgumentException if the body is shorter
   */
  Step start(int bytes) {
    byte[] body = bodyBytes();
    if (bytes > body.length) {
      throw new IllegalArgumentException(
          "cannot send " + bytes + " bytes of a body of " + body.length);
    }
    return new Step.Send(Arrays.copyOf(body, bytes));
  }
}
