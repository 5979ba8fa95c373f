package dev.skein.faults;

import static dev.skein.faults.FaultCatalogue.PROSE;
import static dev.skein.faults.FaultCatalogue.SLOWLY;

import dev.skein.faults.Chunks.Ending;
import java.time.Duration;
import java.util.Optional;

/** Streamed replies, complete and broken. */
final class StreamFaults {
  private static final Chunks STREAM = Chunks.of("Grü", "ße ", "😀");

  private StreamFaults() {}

  static void addTo(FaultList faults) {
    complete(faults);
    broken(faults);
  }

  private static void complete(FaultList faults) {
    faults.family("streams");
    faults.stream("stream-whole", STREAM);
    faults.stream("no-done-ended", STREAM.without("[DONE]"));
    faults.stream("no-done-closed", STREAM.without("[DONE]").ending(Ending.CLOSED));
    faults.stream("no-done-open", STREAM.without("[DONE]").ending(Ending.OPEN));
    faults.stream("done-without-finish-reason", STREAM.without("\"stop\""));
    faults.stream("data-after-done", STREAM.inserted(6, "data: " + PROSE));
    faults.stream("open-after-done", STREAM.ending(Ending.OPEN));
    faults.stream("closed-after-done", STREAM.ending(Ending.CLOSED));
    faults.stream("comments", STREAM.inserted(1, ": ping").inserted(3, ":\nretry: 5"));
    faults.stream("other-fields", STREAM.replaced("data: {", "event: x\nid: 7\ndata: {"));
    faults.stream("line-ends-cr", STREAM.lineEnd("\r"));
    faults.stream("line-ends-crlf", STREAM.lineEnd("\r\n"));
    faults.stream("byte-by-byte", STREAM.lineEnd("\r\n").pieces(1, Duration.ZERO));
    faults.stream(
        "stream-byte-order-mark",
        STREAM.first(0).inserted(0, "\uFEFF" + String.join("\n\n", STREAM.events())));
    faults.stream("chunk-without-choices", STREAM.inserted(2, "data: {\"choices\":[]}"));
    faults.stream("slow-tokens", STREAM.pieces(200, SLOWLY));
    faults.stream("stream-length", STREAM.replaced("\"stop\"", "\"length\""));
    faults.stream("no-usage-in-stream", STREAM.usage(Optional.empty()));
    faults.stream(
        "json-instead-of-a-stream", ScriptedReply.json(200, BodyFaults.whole("x", "\"stop\"")));
  }

  private static void broken(FaultList faults) {
    faults.stream("no-sign-ended", STREAM.first(3));
    faults.stream("no-sign-closed", STREAM.first(3).ending(Ending.CLOSED));
    faults.stream("no-sign-reset", STREAM.first(3).ending(Ending.RESET));
    faults.stream("stall-in-the-stream", STREAM.first(3).ending(Ending.OPEN));
    faults.stream("silent-stream", STREAM.first(0).ending(Ending.OPEN));
    faults.stream("empty-stream", STREAM.first(0));
    faults.stream("html-instead-of-a-stream", BodyFaults.contentType("text/html", "<p>" + PROSE));
    String error = "data: {\"error\":{\"message\":\"" + PROSE + "\",\"code\":\"server_error\"}}";
    faults.stream("error-object-at-once", STREAM.first(0).inserted(0, error));
    faults.stream("error-object-in-the-stream", STREAM.inserted(3, error));
    faults.stream("bad-json-in-the-stream", STREAM.inserted(3, "data: {" + PROSE));
    faults.stream(
        "not-utf-8-in-the-stream",
        ScriptedReply.of(
            Step.send("HTTP/1.1 200 OK\r\n\r\ndata: "),
            new Step.Send(new byte[] {(byte) 0xC3, '\n', '\n'}),
            new Step.Close()));
    String refusal = Chunks.chunk("{\"refusal\":\"" + PROSE + "\"}", "null");
    faults.stream("refusal-in-the-stream", STREAM.inserted(1, refusal));
    faults.stream("stream-content-filter", STREAM.replaced("\"stop\"", "\"content_filter\""));
    faults.stream("stream-tool-calls", STREAM.replaced("\"stop\"", "\"tool_calls\""));
    faults.stream("stream-without-text", Chunks.of());
    faults.stream("endless-tokens", Chunks.of("y".repeat(1000)).first(2).ending(Ending.ENDLESS));
    faults.stream(
        "dripping-tokens",
        Chunks.of(".".repeat(100).split("")).pieces(190, SLOWLY.multipliedBy(2)));
    faults.stream("huge-event", Chunks.of("y".repeat(17_000_000)));
  }
}
