package dev.skein.faults;

import static dev.skein.faults.Fault.Wire.WHOLE;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Whole replies that are not what the API gives, or mean something else. */
final class BodyFaults {
  private BodyFaults() {}

  static void addTo(FaultList faults) {
    framingOfText(faults);
    meaning(faults);
  }

  private static void framingOfText(FaultList faults) {
    faults.family("framing");
    faults.add(
        "html",
        WHOLE,
        () ->
            ScriptedReply.status(
                200, Map.of("Content-Type", "text/html"), "<p>" + FaultCatalogue.PROSE));
    faults.add("empty-body", WHOLE, () -> ScriptedReply.json(200, ""));
    faults.add(
        "other-content-type",
        WHOLE,
        () ->
            ScriptedReply.status(
                200, Map.of("Content-Type", "text/plain; charset=utf-16"), whole("x", "\"stop\"")));
    faults.add(
        "not-utf-8", WHOLE, () -> latin1(whole(FaultCatalogue.PROSE + "\u00ff", "\"stop\"")));
    faults.add(
        "byte-order-mark",
        WHOLE,
        () -> ScriptedReply.json(200, "\uFEFF" + whole(FaultCatalogue.PROSE, "\"stop\"")));
    faults.add(
        "deep-json", WHOLE, () -> ScriptedReply.json(200, "[".repeat(5000) + "]".repeat(5000)));
    faults.add(
        "huge-string",
        WHOLE,
        () -> ScriptedReply.json(200, whole("y".repeat(300_000), "\"stop\"")));
    faults.add(
        "huge-json", WHOLE, () -> ScriptedReply.json(200, "[" + "1,".repeat(600_000) + "1]"));
  }

  private static ScriptedReply latin1(String body) {
    return ScriptedReply.raw(
        (WireFaults.head("Content-Length: " + body.length()) + body)
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  static String whole(String text, String finishReason) {
    return message("{\"role\":\"assistant\",\"content\":\"" + text + "\"}", finishReason);
  }

  private static String message(String message, String finishReason) {
    return "{\"model\":\"m\",\"choices\":[{\"message\":%s,\"finish_reason\":%s}]}"
        .formatted(message, finishReason);
  }

  private static void meaning(FaultList faults) {
    faults.family("meaning");
    faults.add(
        "error-behind-200",
        WHOLE,
        () -> ScriptedReply.error(200, FaultCatalogue.PROSE, "server_error"));
    faults.add(
        "no-choices",
        WHOLE,
        () -> ScriptedReply.json(200, "{\"prose\":\"" + FaultCatalogue.PROSE + "\"}"));
    faults.add("empty-choices", WHOLE, () -> ScriptedReply.json(200, "{\"choices\":[]}"));
    faults.add("null-message", WHOLE, () -> ScriptedReply.json(200, message("null", "\"stop\"")));
    faults.add(
        "null-content",
        WHOLE,
        () -> ScriptedReply.json(200, message("{\"content\":null}", "\"stop\"")));
    faults.add("empty-content", WHOLE, () -> ScriptedReply.text(""));
    faults.add(
        "refusal",
        WHOLE,
        () ->
            ScriptedReply.json(
                200, message("{\"refusal\":\"" + FaultCatalogue.PROSE + "\"}", "\"stop\"")));
    faults.add(
        "tool-calls",
        WHOLE,
        () ->
            ScriptedReply.json(
                200, message("{\"tool_calls\":[{\"id\":\"1\"}]}", "\"tool_calls\"")));
    faults.add("length", WHOLE, () -> ScriptedReply.text("half a").finishReason("length"));
    faults.add(
        "content-filter",
        WHOLE,
        () -> ScriptedReply.text(FaultCatalogue.PROSE).finishReason("content_filter"));
    faults.add(
        "no-finish-reason",
        WHOLE,
        () -> ScriptedReply.json(200, whole(FaultCatalogue.PROSE, "null")));
    faults.add("no-usage", WHOLE, () -> ScriptedReply.text("x").noUsage());
    faults.add("absurd-usage", WHOLE, () -> ScriptedReply.text("x").usage(-1, 2_000_000_000));
    faults.add("other-model", WHOLE, () -> ScriptedReply.text("x").model("another"));
  }
}
