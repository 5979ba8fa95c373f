package dev.skein.faults;

import static dev.skein.faults.Fault.Wire.ANY;
import static dev.skein.faults.Fault.Wire.STREAM;
import static dev.skein.faults.Fault.Wire.WHOLE;

import dev.skein.faults.Fault.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Faults of the connection, of time, and of HTTP framing. */
final class WireFaults {
  private WireFaults() {}

  static void addTo(FaultList faults) {
    transport(faults);
    time(faults);
    framing(faults);
  }

  private static void transport(FaultList faults) {
    faults.family("transport");
    faults.add("refused", Target.REFUSED);
    faults.add("unknown-host", Target.UNKNOWN_HOST);
    faults.add("black-hole", Target.BLACK_HOLE);
    faults.add("self-signed-certificate", Target.SELF_SIGNED);
    faults.add("no-tls", Target.NO_TLS);
    faults.add("reset-before-the-head", ANY, ScriptedReply::reset);
    faults.add("closed-before-the-head", ANY, ScriptedReply::closeWithoutByte);
    faults.add("closed-in-the-head", ANY, () -> bytes("HTTP/1.1 200 OK\r\nContent-Ty"));
    faults.add(
        "reset-in-the-head",
        ANY,
        () ->
            ScriptedReply.of(
                Step.send("HTTP/1.1 200 OK\r\nContent-Ty"),
                new Step.Pause(FaultCatalogue.SLOWLY),
                new Step.Reset()));
    faults.add(
        "closed-in-the-body",
        WHOLE,
        () -> ScriptedReply.cut(ScriptedReply.text(FaultCatalogue.PROSE), 60));
    faults.add(
        "reset-in-the-body",
        WHOLE,
        () ->
            ScriptedReply.of(
                Step.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" + FaultCatalogue.PROSE),
                new Step.Pause(FaultCatalogue.SLOWLY),
                new Step.Reset()));
    faults.once("stale-connection", ScriptedReply::reset);
  }

  private static void time(FaultList faults) {
    faults.family("time");
    faults.add("silence", WHOLE, ScriptedReply::hang);
    faults.add("no-stream-head", STREAM, ScriptedReply::hang);
    faults.add("slow-head", WHOLE, WireFaults::slowHead);
    faults.add("slow-stream-head", STREAM, WireFaults::slowHead);
    faults.add(
        "slow-answer", ANY, () -> ScriptedReply.text("in time").after(FaultCatalogue.SLOWLY));
    faults.add(
        "slow-body",
        WHOLE,
        () -> ScriptedReply.slowBody(ScriptedReply.text("."), Duration.ofMillis(2)));
    faults.add(
        "stall-in-the-body",
        WHOLE,
        () -> ScriptedReply.stall(ScriptedReply.text(FaultCatalogue.PROSE), 60));
    faults.add("endless-body", WHOLE, ScriptedReply::endlessBody);
    faults.add("dripping-body", WHOLE, () -> dripping("Content-Length: 999999"));
    faults.add("endless-head", ANY, WireFaults::endlessHead);
  }

  private static ScriptedReply slowHead() {
    var steps = new ArrayList<Step>();
    for (char next : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".toCharArray()) {
      steps.add(Step.send(String.valueOf(next)));
      steps.add(new Step.Pause(FaultCatalogue.SLOWLY));
    }
    return ScriptedReply.of(steps.toArray(Step[]::new));
  }

  private static ScriptedReply dripping(String framing) {
    var steps = new ArrayList<Step>();
    steps.add(Step.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n"));
    for (int i = 0; i < 1000; i++) {
      steps.add(Step.send(" "));
      steps.add(new Step.Pause(FaultCatalogue.SLOWLY));
    }
    return ScriptedReply.of(steps.toArray(Step[]::new));
  }

  private static ScriptedReply endlessHead() {
    byte[] line =
        ("X-" + FaultCatalogue.PROSE + ": 1\r\n").repeat(100).getBytes(StandardCharsets.US_ASCII);
    return ScriptedReply.of(Step.send("HTTP/1.1 200 OK\r\n"), new Step.SendForever(line));
  }

  private static ScriptedReply bytes(String text) {
    return ScriptedReply.raw(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void framing(FaultList faults) {
    faults.family("framing");
    String json = "{\"prose\":\"" + FaultCatalogue.PROSE + "\"}";
    faults.add("length-too-long", WHOLE, () -> bytes(head("Content-Length: 99") + json));
    faults.add("length-too-short", WHOLE, () -> bytes(head("Content-Length: 9") + json));
    faults.add("length-negative", WHOLE, () -> bytes(head("Content-Length: -9") + json));
    faults.add(
        "two-lengths", WHOLE, () -> bytes(head("Content-Length: 9\r\nContent-Length: 99") + json));
    faults.add(
        "chunk-size-broken",
        ANY,
        () -> bytes(head("Transfer-Encoding: chunked") + "zz\r\n" + json));
    faults.add(
        "chunks-without-end",
        WHOLE,
        () -> bytes(head("Transfer-Encoding: chunked") + "2\r\n{}\r\n"));
    faults.add(
        "cut-where-the-close-ends-it",
        WHOLE,
        () -> ScriptedReply.cutCloseDelimited(ScriptedReply.text(FaultCatalogue.PROSE), 60));
    faults.add(
        "gzip",
        ANY,
        () ->
            ScriptedReply.status(
                200,
                Map.of("Content-Encoding", "gzip", "Content-Type", "text/event-stream"),
                FaultCatalogue.PROSE));
    faults.add("not-http", ANY, () -> bytes(FaultCatalogue.PROSE + "\r\n\r\n"));
    for (int status : List.of(301, 302, 307, 308)) {
      faults.add(
          "redirect-" + status,
          ANY,
          () ->
              ScriptedReply.status(
                  status,
                  Map.of("Location", "http://127.0.0.1:9/" + FaultCatalogue.PROSE),
                  FaultCatalogue.PROSE));
    }
  }

  static String head(String framing) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing + "\r\n\r\n";
  }
}
