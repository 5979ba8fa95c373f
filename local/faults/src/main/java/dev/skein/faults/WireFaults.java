package dev.skein.faults;

import static dev.skein.faults.FaultCatalogue.PROSE;
import static dev.skein.faults.FaultCatalogue.SLOWLY;
import static dev.skein.faults.ScriptedReply.text;

import dev.skein.faults.Fault.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Faults of the connection, of time, and of HTTP framing. */
final class WireFaults {
  private static final String CHUNKED = "Transfer-Encoding: chunked";

  private WireFaults() {}

  static void addTo(FaultList faults) {
    transport(faults);
    time(faults);
    framing(faults);
  }

  private static void transport(FaultList faults) {
    faults.family("transport");
    faults.unreachable("refused", Target.REFUSED);
    faults.unreachable("unknown-host", Target.UNKNOWN_HOST);
    faults.unreachable("black-hole", Target.BLACK_HOLE);
    faults.unreachable("self-signed-certificate", Target.SELF_SIGNED);
    faults.unreachable("no-tls", Target.NO_TLS);
    faults.any("reset-before-the-head", ScriptedReply.reset());
    faults.any("closed-before-the-head", ScriptedReply.closeWithoutByte());
    faults.any("closed-in-the-head", bytes("HTTP/1.1 200 OK\r\nContent-Ty"));
    faults.any("reset-in-the-head", resetAfter("HTTP/1.1 200 OK\r\nContent-Ty"));
    faults.whole("closed-in-the-body", ScriptedReply.cut(text(PROSE), 60));
    faults.whole(
        "reset-in-the-body", resetAfter("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" + PROSE));
    faults.once("stale-connection", ScriptedReply.reset());
  }

  private static ScriptedReply resetAfter(String bytes) {
    return ScriptedReply.of(Step.send(bytes), new Step.Pause(SLOWLY), new Step.Reset());
  }

  private static void time(FaultList faults) {
    faults.family("time");
    faults.whole("silence", ScriptedReply.hang());
    faults.stream("no-stream-head", ScriptedReply.hang());
    var slowHead = slowly("", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
    faults.whole("slow-head", slowHead);
    faults.stream("slow-stream-head", slowHead);
    faults.any("slow-answer", text("in time").after(SLOWLY));
    faults.whole("slow-body", ScriptedReply.slowBody(text("."), Duration.ofMillis(1)));
    faults.whole("stall-in-the-body", ScriptedReply.stall(text(PROSE), 60));
    faults.whole("endless-body", ScriptedReply.endlessBody());
    faults.whole("dripping-body", slowly(head("Content-Length: 999999"), " ".repeat(1000)));
    faults.any(
        "endless-head",
        ScriptedReply.of(
            Step.send("HTTP/1.1 200 OK\r\n"),
            new Step.SendForever(
                ("X-" + PROSE + ": 1\r\n").repeat(100).getBytes(StandardCharsets.US_ASCII))));
  }

  /** Sends the start at once, and each character of the rest after a pause. */
  private static ScriptedReply slowly(String start, String rest) {
    var steps = new ArrayList<Step>(List.of(Step.send(start)));
    steps.addAll(Step.slowly(rest.getBytes(StandardCharsets.US_ASCII), SLOWLY));
    return ScriptedReply.of(steps.toArray(Step[]::new));
  }

  private static void framing(FaultList faults) {
    faults.family("framing");
    String json = "{\"prose\":\"" + PROSE + "\"}";
    faults.whole("length-too-long", bytes(head("Content-Length: 99") + json));
    faults.whole("length-too-short", bytes(head("Content-Length: 9") + json));
    faults.whole("length-negative", bytes(head("Content-Length: -9") + json));
    faults.whole("two-lengths", bytes(head("Content-Length: 9\r\nContent-Length: 99") + json));
    faults.any("chunk-size-broken", bytes(head(CHUNKED) + "zz\r\n" + json));
    faults.whole("chunks-without-end", bytes(head(CHUNKED) + "2\r\n{}\r\n"));
    faults.whole("cut-where-the-close-ends-it", ScriptedReply.cutCloseDelimited(text(PROSE), 60));
    var gzip = Map.of("Content-Encoding", "gzip", "Content-Type", "text/event-stream");
    faults.any("gzip", ScriptedReply.status(200, gzip, PROSE));
    faults.any("not-http", bytes(PROSE + "\r\n\r\n"));
    var location = Map.of("Location", "http://127.0.0.1:9/" + PROSE);
    for (int status : List.of(301, 302, 307, 308)) {
      faults.any("redirect-" + status, ScriptedReply.status(status, location, PROSE));
    }
  }

  private static ScriptedReply bytes(String text) {
    return ScriptedReply.raw(text.getBytes(StandardCharsets.UTF_8));
  }

  static String head(String framing) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + framing + "\r\n\r\n";
  }
}
