package dev.skein.faults;

import static dev.skein.faults.Fault.Wire.ANY;
import static dev.skein.faults.Fault.Wire.STREAM;
import static dev.skein.faults.Fault.Wire.WHOLE;

import dev.skein.faults.Fault.Place;
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
    faults.add("refused", Place.REFUSED);
    faults.add("unknown-host", Place.UNKNOWN_HOST);
    faults.add("black-hole", Place.BLACK_HOLE);
    faults.add("self-signed-certificate", Place.SELF_SIGNED);
    faults.add("no-tls", Place.NO_TLS);
    faults.add("reset-before-the-head", ANY, Reply::reset);
    faults.add("closed-before-the-head", ANY, Reply::closeWithoutByte);
    faults.add("closed-in-the-head", ANY, () -> bytes("HTTP/1.1 200 OK\r\nContent-Ty"));
    faults.add(
        "reset-in-the-head",
        ANY,
        () ->
            Reply.of(
                Step.send("HTTP/1.1 200 OK\r\nContent-Ty"),
                new Step.Pause(FaultCatalogue.SLOWLY),
                new Step.Reset()));
    faults.add("closed-in-the-body", WHOLE, () -> Reply.cut(Reply.text(FaultCatalogue.PROSE), 60));
    faults.add(
        "reset-in-the-body",
        WHOLE,
        () ->
            Reply.of(
                Step.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" + FaultCatalogue.PROSE),
                new Step.Pause(FaultCatalogue.SLOWLY),
                new Step.Reset()));
    faults.once("stale-connection", Reply::reset);
  }

  private static void time(FaultList faults) {
    faults.family("time");
    faults.add("silence", WHOLE, Reply::hang);
    faults.add("no-stream-head", STREAM, Reply::hang);
    faults.add("slow-head", WHOLE, WireFaults::slowHead);
    faults.add("slow-stream-head", STREAM, WireFaults::slowHead);
    faults.add("slow-answer", ANY, () -> Reply.text("in time").after(FaultCatalogue.SLOWLY));
    faults.add("slow-body", WHOLE, () -> Reply.slowBody(Reply.text("."), Duration.ofMillis(2)));
    faults.add("stall-in-the-body", WHOLE, () -> Reply.stall(Reply.text(FaultCatalogue.PROSE), 60));
    faults.add("endless-body", WHOLE, Reply::endlessBody);
    faults.add("dripping-body", WHOLE, () -> dripping("Content-Length: 999999"));
    faults.add("endless-head", ANY, WireFaults::endlessHead);
  }

  private static Reply slowHead() {
    var steps = new ArrayList<Step>();
    for (char next : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".toCharArray()) {
      steps.add(Step.send(String.valueOf(next)));
      steps.add(new Step.Pause(FaultCatalogue.SLOWLY));
    }
    return Reply.of(steps.toArray(Step[]::new));
  }

  private static Reply dripping(String framing) {
    var steps = new ArrayList<Step>();
    steps.add(Step.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n"));
    for (int i = 0; i < 1000; i++) {
      steps.add(Step.send(" "));
      steps.add(new Step.Pause(FaultCatalogue.SLOWLY));
    }
    return Reply.of(steps.toArray(Step[]::new));
  }

  private static Reply endlessHead() {
    byte[] line =
        ("X-" + FaultCatalogue.PROSE + ": 1\r\n").repeat(100).getBytes(StandardCharsets.US_ASCII);
    return Reply.of(Step.send("HTTP/1.1 200 OK\r\n"), new Step.SendForever(line));
  }

  private static Reply bytes(String text) {
    return Reply.raw(text.getBytes(StandardCharsets.UTF_8));
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
        () -> Reply.cutCloseDelimited(Reply.text(FaultCatalogue.PROSE), 60));
    faults.add(
        "gzip",
        ANY,
        () ->
            Reply.status(
                200,
                Map.of("Content-Encoding", "gzip", "Content-Type", "text/event-stream"),
                FaultCatalogue.PROSE));
    faults.add("not-http", ANY, () -> bytes(FaultCatalogue.PROSE + "\r\n\r\n"));
    for (int status : List.of(301, 302, 307, 308)) {
      faults.add(
          "redirect-" + status,
          ANY,
          () ->
              Reply.status(
                  status,
                  Map.of("Location", "http://127.0.0.1:9/" + FaultCatalogue.PROSE),
                  FaultCatalogue.PROSE));
    }
  }

  static String head(String framing) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing + "\r\n\r\n";
  }
}
