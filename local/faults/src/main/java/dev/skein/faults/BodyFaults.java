package dev.skein.faults;

import static dev.skein.faults.FaultCatalogue.PROSE;
import static dev.skein.faults.ScriptedReply.json;
import static dev.skein.faults.ScriptedReply.text;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Whole replies with an unexpected body, or one that means something else than success. */
final class BodyFaults {
  private BodyFaults() {}

  static void addTo(FaultList faults) {
    faults.family("framing");
    faults.whole("html", contentType("text/html", "<p>" + PROSE));
    faults.whole("empty-body", json(200, ""));
    faults.whole(
        "other-content-type", contentType("text/plain; charset=utf-16", whole("x", "\"stop\"")));
    faults.whole("not-utf-8", latin1(whole(PROSE + "\u00ff", "\"stop\"")));
    faults.whole("byte-order-mark", json(200, "\uFEFF" + whole("x", "\"stop\"")));
    faults.whole("deep-json", json(200, "[".repeat(5000) + "]".repeat(5000)));
    faults.whole("huge-string", json(200, whole("y".repeat(300_000), "\"stop\"")));
    faults.whole("huge-json", json(200, "[" + "1,".repeat(600_000) + "1]"));
    meaning(faults);
  }

  private static void meaning(FaultList faults) {
    faults.family("meaning");
    faults.whole("error-behind-200", ScriptedReply.error(200, PROSE, "server_error"));
    faults.whole("error-401-behind-200", json(200, error(401)));
    faults.whole("error-502-behind-200", json(200, error(502)));
    faults.whole("code-429-behind-200", json(200, "{\"code\":429,\"message\":\"" + PROSE + "\"}"));
    faults.whole("no-choices", json(200, "{\"prose\":\"" + PROSE + "\"}"));
    faults.whole("empty-choices", json(200, "{\"choices\":[]}"));
    faults.whole("null-message", message("null", "\"stop\""));
    faults.whole("null-content", message("{\"content\":null}", "\"stop\""));
    faults.whole("empty-content", text(""));
    faults.whole("refusal", message("{\"refusal\":\"" + PROSE + "\"}", "\"stop\""));
    faults.whole("tool-calls", message("{\"tool_calls\":[{\"id\":\"1\"}]}", "\"tool_calls\""));
    faults.whole("length", text("half a").finishReason("length"));
    faults.whole("content-filter", text(PROSE).finishReason("content_filter"));
    faults.whole("no-finish-reason", json(200, whole(PROSE, "null")));
    faults.whole("no-usage", text("x").noUsage());
    faults.whole("absurd-usage", text("x").usage(-1, 2_000_000_000));
    faults.whole("other-model", text("x").model("another"));
  }

  private static String error(int code) {
    return "{\"error\":{\"code\":%d,\"message\":\"%s\"}}".formatted(code, PROSE);
  }

  static ScriptedReply contentType(String type, String body) {
    return ScriptedReply.status(200, Map.of("Content-Type", type), body);
  }

  private static ScriptedReply latin1(String body) {
    return ScriptedReply.raw(
        (WireFaults.head("Content-Length: " + body.length()) + body)
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  static ScriptedReply message(String message, String finishReason) {
    return json(200, completion(message, finishReason));
  }

  static String whole(String text, String finishReason) {
    return completion("{\"role\":\"assistant\",\"content\":\"" + text + "\"}", finishReason);
  }

  private static String completion(String message, String finishReason) {
    return choice("{\"message\":%s,\"finish_reason\":%s}".formatted(message, finishReason));
  }

  /** A completion with this choice. */
  static String choice(String choice) {
    return "{\"model\":\"m\",\"choices\":[%s]}".formatted(choice);
  }
}
