package dev.skein.faults;

import static dev.skein.faults.BodyFaults.choice;
import static dev.skein.faults.BodyFaults.message;
import static dev.skein.faults.BodyFaults.whole;
import static dev.skein.faults.Chunks.chunk;
import static dev.skein.faults.ScriptedReply.json;
import static dev.skein.faults.ScriptedReply.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Complete replies in forms that OpenAI itself does not send, but that its clients accept. */
final class DialectFaults {
  private static final Chunks STREAM = Chunks.of("Hello", " world");

  private DialectFaults() {}

  static void addTo(FaultList faults) {
    faults.family("dialects");
    heads(faults);
    documents(faults);
    spellings(faults);
    reasoning(faults);
  }

  private static void heads(FaultList faults) {
    var none = Map.of("Content-Encoding", "None");
    faults.whole("coding-none", ScriptedReply.status(200, none, whole("x", "\"stop\"")));
    faults.stream("stream-coding-none", stream(200, none));
    faults.whole("status-201", json(201, whole("x", "\"stop\"")));
    faults.stream("stream-status-201", stream(201, Map.of()));
    faults.stream("stream-as-json", stream(200, Map.of("Content-Type", "application/json")));
    faults.whole("stream-instead-of-json", STREAM);
    faults.whole(
        "blanks-before-json", json(200, "\n         \n\n".repeat(9) + whole("x", "\"stop\"")));
    faults.whole("end-mark-after-json", json(200, whole("x", "\"stop\"") + "data: [DONE]"));
    String line = "{\"choices\":[{\"delta\":{\"content\":\"" + FaultCatalogue.PROSE + "\"}}]}\n";
    faults.stream("json-lines-instead-of-a-stream", json(200, line.repeat(2)));
    faults.stream("json-array-instead-of-a-stream", json(200, "[" + line + "]"));
    faults.stream("stream-no-space", STREAM.replaced("data: ", "data:"));
    faults.stream("stream-two-spaces", STREAM.replaced("data: ", "data:  "));
    String all = String.join("\n", STREAM.events());
    faults.stream("stream-one-event", STREAM.first(0).inserted(0, all));
    faults.stream(
        "stream-json-in-two-lines", STREAM.replaced(",\"choices\"", "\ndata: ,\"choices\""));
  }

  /** The stream with another head. */
  private static ScriptedReply stream(int status, Map<String, String> headers) {
    var all = new HashMap<>(Map.of("Content-Type", "text/event-stream"));
    all.putAll(headers);
    String sent = ScriptedReply.status(status, all, "").head("Transfer-Encoding: chunked");
    return new ScriptedReply.Played(
        request -> {
          var steps = new ArrayList<>(STREAM.steps(request));
          steps.set(0, Step.send(sent));
          return List.copyOf(steps);
        });
  }

  private static void documents(FaultList faults) {
    String twice = "{\"reasoning_content\":null,\"content\":\"x\",\"reasoning_content\":null}";
    faults.whole("duplicate-names", message(twice, "\"stop\""));
    faults.stream("stream-duplicate-names", STREAM.inserted(2, chunk(twice, "null")));
    faults.whole("half-an-emoji", json(200, whole("\\ud83e", "\"stop\"")));
    faults.stream(
        "stream-half-an-emoji",
        STREAM
            .inserted(3, chunk("{\"content\":\"\\ud83e\"}", "null"))
            .inserted(4, chunk("{\"content\":\"\\udebf!\"}", "null")));
    String blank = "\"error\":{\"message\":\"\",\"type\":\"\",\"code\":null},\"choices\"";
    faults.whole(
        "blank-error", json(200, whole("x", "\"stop\"").replaceFirst("\"choices\"", blank)));
    faults.stream("stream-blank-error", STREAM.replaced("\"choices\"", blank));
    faults.whole(
        "null-tool-call", message("{\"content\":\"x\",\"tool_calls\":[null]}", "\"stop\""));
    String numbers = whole("x", "\"stop\",\"x\":1e400,\"y\":-0." + "123456789".repeat(30));
    faults.whole("big-numbers", json(200, numbers));
    faults.stream("big-numbers-instead-of-a-stream", json(200, numbers));
    String deep = "[".repeat(120) + "]".repeat(120);
    faults.whole("deep-reply", json(200, whole("x", "\"stop\",\"x\":" + deep)));
    faults.stream("stream-deep", STREAM.replaced("\"created\":1", "\"created\":" + deep));
    faults.stream("stream-long-string", Chunks.of("y".repeat(400_000)));
    faults.stream("stream-empty-data", STREAM.inserted(2, "data:").inserted(3, "data: "));
  }

  private static void spellings(FaultList faults) {
    String message =
        "data: {\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hello"
            + " world\"},\"finish_reason\":\"stop\"}]}";
    faults.stream("stream-answer-again", STREAM.inserted(4, message));
    faults.stream("stream-messages", STREAM.replaced("\"delta\"", "\"message\""));
    faults.stream("stream-null-choices", STREAM.inserted(1, "data: {\"choices\":null}"));
    faults.stream(
        "stream-null-names",
        STREAM.replaced("\"chatcmpl-1\"", "null").replaced("\"scripted\"", "null"));
    faults.whole("empty-refusal", message("{\"content\":\"x\",\"refusal\":\"\"}", "\"stop\""));
    faults.stream(
        "stream-empty-refusal", STREAM.replaced("{\"content\"", "{\"refusal\":\"\",\"content\""));
    String parts =
        "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},"
            + "{\"type\":\"text\",\"text\":\"x\"}]}";
    faults.whole("content-parts", message(parts, "\"stop\""));
    faults.stream("stream-content-parts", STREAM.inserted(1, chunk(parts, "null")));
    faults.whole("reason-eos", text("x").finishReason("eos_token"));
    faults.stream("stream-reason-eos", STREAM.replaced("\"stop\"", "\"eos_token\""));
    faults.whole("reason-end-turn", text("x").finishReason("end_turn"));
    faults.stream("stream-reason-max-tokens", STREAM.replaced("\"stop\"", "\"MAX_TOKENS\""));
    faults.whole("reason-unknown-word", text("x").finishReason("surfeit"));
    faults.whole("reason-safety", text("").finishReason("SAFETY"));
    faults.whole("reason-error", text(FaultCatalogue.PROSE).finishReason("error"));
    faults.whole("reason-abort", text(FaultCatalogue.PROSE).finishReason("abort"));
  }

  private static void reasoning(FaultList faults) {
    faults.whole("no-message", json(200, choice("{\"index\":0,\"finish_reason\":\"length\"}")));
    faults.whole("length-without-text", text("").finishReason("length"));
    faults.whole(
        "reasoning-alone", message("{\"content\":\"\",\"reasoning_content\":\"hm\"}", "\"stop\""));
    faults.stream(
        "stream-reasoning-alone", Chunks.of().inserted(1, chunk("{\"reasoning\":\"hm\"}", "null")));
    faults.whole("think-block", text("<think>\nhm\n</think>\n\nx"));
    faults.stream("stream-think-block", Chunks.of("<thi", "nk>h", "m</think", ">\n\n", "Hello"));
    faults.whole("think-block-unclosed", text("<think>\nhm").finishReason("length"));
    faults.stream("stream-think-block-unclosed", Chunks.of("<think>", "hm"));
  }
}
