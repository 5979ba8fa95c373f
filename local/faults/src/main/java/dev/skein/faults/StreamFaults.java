package dev.skein.faults;

import static dev.skein.faults.Fault.Wire.STREAM;

import dev.skein.faults.Chunks.Ending;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Streams, sound and broken. */
final class StreamFaults {
  private StreamFaults() {}

  static void addTo(FaultList faults) {
    whole(faults);
    broken(faults);
  }

  private static void whole(FaultList faults) {
    faults.family("streams");
    faults.add("stream-whole", STREAM, StreamFaults::stream);
    faults.add("no-done-ended", STREAM, () -> stream().without("[DONE]"));
    faults.add("no-done-closed", STREAM, () -> stream().without("[DONE]").ending(Ending.CLOSED));
    faults.add("no-done-open", STREAM, () -> stream().without("[DONE]").ending(Ending.OPEN));
    faults.add("done-without-finish-reason", STREAM, () -> stream().without("\"stop\""));
    faults.add(
        "data-after-done", STREAM, () -> stream().inserted(6, "data: " + FaultCatalogue.PROSE));
    faults.add("open-after-done", STREAM, () -> stream().ending(Ending.OPEN));
    faults.add("closed-after-done", STREAM, () -> stream().ending(Ending.CLOSED));
    faults.add("comments", STREAM, () -> stream().inserted(1, ": ping").inserted(3, ":\nretry: 5"));
    faults.add(
        "other-fields", STREAM, () -> stream().replaced("data: {", "event: x\nid: 7\ndata: {"));
    faults.add("line-ends-cr", STREAM, () -> stream().lineEnd("\r"));
    faults.add("line-ends-crlf", STREAM, () -> stream().lineEnd("\r\n"));
    faults.add("byte-by-byte", STREAM, () -> stream().lineEnd("\r\n").pieces(1, Duration.ZERO));
    faults.add(
        "stream-byte-order-mark",
        STREAM,
        () -> stream().first(0).inserted(0, "\uFEFF" + String.join("\n\n", stream().events())));
    faults.add(
        "chunk-without-choices", STREAM, () -> stream().inserted(2, "data: {\"choices\":[]}"));
    faults.add("slow-tokens", STREAM, () -> stream().pieces(200, FaultCatalogue.SLOWLY));
    faults.add("stream-length", STREAM, () -> stream().replaced("\"stop\"", "\"length\""));
    faults.add("no-usage-in-stream", STREAM, () -> stream().usage(Optional.empty()));
    faults.add(
        "json-instead-of-a-stream",
        STREAM,
        () -> ScriptedReply.json(200, BodyFaults.whole("x", "\"stop\"")));
  }

  private static void broken(FaultList faults) {
    faults.add("no-sign-ended", STREAM, () -> stream().first(3));
    faults.add("no-sign-closed", STREAM, () -> stream().first(3).ending(Ending.CLOSED));
    faults.add("no-sign-reset", STREAM, () -> stream().first(3).ending(Ending.RESET));
    faults.add("stall-in-the-stream", STREAM, () -> stream().first(3).ending(Ending.OPEN));
    faults.add("silent-stream", STREAM, () -> stream().first(0).ending(Ending.OPEN));
    faults.add("empty-stream", STREAM, () -> stream().first(0));
    faults.add(
        "html-instead-of-a-stream",
        STREAM,
        () ->
            ScriptedReply.status(
                200, Map.of("Content-Type", "text/html"), "<p>" + FaultCatalogue.PROSE));
    String error =
        "data: {\"error\":{\"message\":\""
            + FaultCatalogue.PROSE
            + "\",\"code\":\"server_error\"}}";
    faults.add("error-object-at-once", STREAM, () -> stream().first(0).inserted(0, error));
    faults.add("error-object-in-the-stream", STREAM, () -> stream().inserted(3, error));
    faults.add(
        "bad-json-in-the-stream",
        STREAM,
        () -> stream().inserted(3, "data: {" + FaultCatalogue.PROSE));
    faults.add(
        "not-utf-8-in-the-stream",
        STREAM,
        () ->
            ScriptedReply.of(
                Step.send("HTTP/1.1 200 OK\r\n\r\ndata: "),
                new Step.Send(new byte[] {(byte) 0xC3, '\n', '\n'}),
                new Step.Close()));
    faults.add(
        "refusal-in-the-stream",
        STREAM,
        () ->
            stream()
                .inserted(
                    1, Chunks.chunk("{\"refusal\":\"" + FaultCatalogue.PROSE + "\"}", "null")));
    faults.add(
        "stream-content-filter", STREAM, () -> stream().replaced("\"stop\"", "\"content_filter\""));
    faults.add("stream-tool-calls", STREAM, () -> stream().replaced("\"stop\"", "\"tool_calls\""));
    faults.add("stream-without-text", STREAM, () -> Chunks.of());
    faults.add(
        "endless-tokens",
        STREAM,
        () -> Chunks.of("y".repeat(1000)).first(2).ending(Ending.ENDLESS));
    faults.add(
        "dripping-tokens",
        STREAM,
        () ->
            Chunks.of(".".repeat(100).split(""))
                .pieces(190, FaultCatalogue.SLOWLY.multipliedBy(2))
                .ending(Ending.WHOLE));
    faults.add("huge-event", STREAM, () -> Chunks.of("y".repeat(1_200_000)));
  }

  private static Chunks stream() {
    return Chunks.of("Grü", "ße ", "😀");
  }
}
