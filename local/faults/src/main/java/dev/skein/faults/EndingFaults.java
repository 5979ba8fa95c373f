package dev.skein.faults;

import static dev.skein.faults.Chunks.DONE;
import static dev.skein.faults.Chunks.chunk;
import static dev.skein.faults.FaultCatalogue.PROSE;

import dev.skein.faults.Chunks.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;

/** Streams that fail, or end, in another way than OpenAI's do. */
final class EndingFaults {
  private static final Duration PAUSE = Duration.ofMillis(2500);
  private static final String USAGE =
      "data:"
          + " {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";

  /** Half an answer, an event to be inserted, and then {@code [DONE]} as if all were well. */
  private static final Chunks HALF = Chunks.of("Hello").without("\"stop\"");

  private EndingFaults() {}

  static void addTo(FaultList faults) {
    faults.family("endings");
    failures(faults);
    keepAlives(faults);
    reasons(faults);
  }

  private static void failures(FaultList faults) {
    String fields = "{\"message\":\"" + PROSE + "\",\"code\":500}";
    failure(faults, "error-field", "error: " + fields);
    failure(faults, "error-event", "event: error\ndata: " + fields);
    failure(faults, "error-line", "{\"error\":" + fields + "}");
    failure(faults, "error-object", "data: {\"object\":\"error\",\"message\":\"" + PROSE + "\"}");
    failure(faults, "error-code", "data: {\"text\":\"" + PROSE + "\",\"error_code\":50001}");
    failure(faults, "error-detail", "data: {\"detail\":\"" + PROSE + "\"}");
    failure(faults, "error-array", "data: [{\"error\":" + fields + "}]");
    failure(faults, "error-string", "data: \"" + PROSE + "\"");
    String base = "\"base_resp\":{\"status_code\":1008,\"status_msg\":\"" + PROSE + "\"}";
    failure(faults, "error-base-resp", "data: {\"choices\":null," + base + "}");
    failure(
        faults,
        "error-in-a-choice",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\",\"error\":"
            + fields
            + "}]}");
    failure(faults, "torn-line", "data: {\"choices\":[{\"delta\":{\"role\":\"adata: {" + PROSE);
    failure(faults, "web-page", "<html>\n<h1>" + PROSE + "</h1>");
    failure(faults, "prose", "data: error: " + PROSE);
    failure(
        faults,
        "foreign-error",
        "event: error\ndata: {\"type\":\"error\",\"error\":" + fields + "}");
    status(faults, "code-400-at-once", 400);
    status(faults, "code-401-at-once", 401);
    status(faults, "code-503-at-once", 503);
    failure(faults, "unknown-object-alone", "data: {\"status\":\"" + PROSE + "\"}");
  }

  private static void failure(FaultList faults, String name, String event) {
    faults.stream("stream-" + name, HALF.inserted(2, event));
  }

  /** A status in an error object before the first text. */
  private static void status(FaultList faults, String name, int code) {
    String error = "{\"code\":" + code + ",\"message\":\"" + PROSE + "\"}";
    faults.stream(
        "stream-" + name,
        HALF.first(1)
            .inserted(1, "data: {\"choices\":[],\"error\":" + error + "}")
            .inserted(2, DONE));
  }

  private static void keepAlives(FaultList faults) {
    faults.stream(
        "keep-alives",
        HALF.inserted(1, "data: {\"type\":\"ping\"}")
            .inserted(1, "data: {}")
            .inserted(3, "event: ping\ndata: alive")
            .inserted(3, "data: null")
            .inserted(3, "data: \"\"")
            .inserted(3, "data: : keepalive")
            .inserted(3, "retry: 3000")
            .inserted(3, "event: error"));
    faults.stream(
        "unknown-object", Chunks.of("Hello").inserted(1, "data: {\"status\":\"queued\"}"));
  }

  private static void reasons(FaultList faults) {
    String role = chunk("{\"role\":\"assistant\",\"content\":\"\"}", "\"stop\"");
    String hello = chunk("{\"content\":\"Hello\"}", "null");
    String world = chunk("{\"content\":\" world\"}", "null");
    String stop = chunk("{}", "\"stop\"");
    faults.stream("reason-first", paused(1, role, hello, world, stop, USAGE, DONE));
    String each = world.replace("null", "\"stop\"");
    faults.stream("reason-each", paused(1, hello.replace("null", "\"stop\""), each, USAGE, DONE));
    faults.stream("reason-each-no-done", paused(1, hello.replace("null", "\"stop\""), each));
    faults.stream("reason-first-cut", paused(0, role, hello));
    String word = "\"null\"";
    faults.stream("reason-null-word-cut", HALF.replaced(":null", ":" + word).without("[DONE]"));
    faults.stream("reason-null-word", HALF.replaced(":null", ":" + word));
    String empty = chunk("{\"content\":\"\"}", "\"\"");
    faults.stream(
        "reason-then-empty", Chunks.of("x").replaced("\"stop\"", "\"length\"").inserted(3, empty));
    faults.stream(
        "reason-each-reset",
        Chunks.of("Hello", " wor").replaced(":null", ":\"stop\"").first(3).ending(Ending.RESET));
    String filter = "{\"index\":0,\"finish_reason\":null,\"content_filter_results\":{}}";
    faults.stream(
        "filter-result-after-the-reason",
        Chunks.of("Hello").inserted(3, "data: {\"model\":\"\",\"choices\":[" + filter + "]}"));
    faults.stream("usage-late", paused(3, chunk("{}", "null"), hello, stop, USAGE, DONE));
  }

  /** These events, with a pause before the one of this number; the body ends properly. */
  private static ScriptedReply paused(int before, String... events) {
    var steps = new ArrayList<Step>();
    steps.add(Step.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"));
    steps.add(Step.send("Transfer-Encoding: chunked\r\n\r\n"));
    for (int i = 0; i < events.length; i++) {
      if (i == before && i > 0) {
        steps.add(new Step.Pause(PAUSE));
      }
      byte[] event = (events[i] + "\n\n").getBytes(StandardCharsets.UTF_8);
      steps.add(new Step.Send(Step.chunk(event, 0, event.length)));
    }
    steps.add(Step.send("0\r\n\r\n"));
    return ScriptedReply.of(steps.toArray(Step[]::new));
  }
}
