package dev.skein.faults;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A whole HTTP answer with a text body.
 *
 * @param status 200 to 599
 * @param headers names to values; {@code Content-Type} defaults to JSON, {@code Content-Length} is
 *     added where the framing needs it
 */
public record ScriptedResponse(int status, Map<String, String> headers, String body)
    implements ScriptedReply.Whole {

  public ScriptedResponse {
    headers = Map.copyOf(headers);
  }

  @Override
  public ScriptedResponse answer(ModelRequest request) {
    return this;
  }

  byte[] bodyBytes() {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  /** The status line and headers, with one more header that says how the body is framed. */
  byte[] head(String framing) {
    var fields = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    fields.put("Content-Type", "application/json");
    fields.putAll(headers);
    var head = new StringBuilder("HTTP/1.1 " + status + " " + reason() + "\r\n");
    fields.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append(framing).append("\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  byte[] headWithLength() {
    return head("Content-Length: " + bodyBytes().length);
  }

  /** Head and body in one piece, framed by length. */
  List<Step> framedByLength() {
    byte[] head = headWithLength();
    byte[] body = bodyBytes();
    var whole = new byte[head.length + body.length];
    System.arraycopy(head, 0, whole, 0, head.length);
    System.arraycopy(body, 0, whole, head.length, body.length);
    return closes()
        ? List.of(new Step.Send(whole), new Step.Close())
        : List.of(new Step.Send(whole));
  }

  /** The first bytes of the body, or a bug in the test when it is not that long. */
  byte[] start(int bytes) {
    byte[] body = bodyBytes();
    if (bytes > body.length) {
      throw new IllegalArgumentException(
          "cannot send " + bytes + " bytes of a body of " + body.length);
    }
    return Arrays.copyOf(body, bytes);
  }

  private boolean closes() {
    return headers.entrySet().stream()
        .anyMatch(
            header ->
                header.getKey().equalsIgnoreCase("connection")
                    && header.getValue().equalsIgnoreCase("close"));
  }

  private String reason() {
    return switch (status) {
      case 200 -> "OK";
      case 404 -> "Not Found";
      case 429 -> "Too Many Requests";
      default -> "Status";
    };
  }
}
