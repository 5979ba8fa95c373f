package dev.skein.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One environment from its second request on, over TLS and with all cores.
 *
 * @param times of each request, in order
 * @param cpu user and system time of its processes for each request; zero if it has none
 * @param residentBytes memory of its processes after the last request; 0 if it has none
 */
record Warm(List<Duration> times, Duration cpu, long residentBytes) {

  /** How many requests are "the first" and "the last". */
  static final int WINDOW = 500;

  /** As a function asks for the event's chat. */
  static final String REQUEST =
      """
      {"model":"m-1","messages":[{"role":"user","content":"What is a skein of geese?"}],\
      "max_tokens":1000}\
      """;

  static final String MODEL = "the stub model alone";

  Spread first() {
    return new Spread(times.subList(0, Math.min(WINDOW, times.size())));
  }

  Spread last() {
    return new Spread(times.subList(Math.max(0, times.size() - WINDOW), times.size()));
  }

  /** Measures every subject in turns. */
  static Map<String, List<Warm>> measure(
      TestBed bed, List<Subject> functions, List<WarmServer.Program> servers, int calls, int runs)
      throws IOException, InterruptedException {
    Map<String, Measurement<Warm>> measurements = new LinkedHashMap<>();
    measurements.put(MODEL, () -> model(bed, calls));
    for (Subject function : functions) {
      measurements.put(function.name(), () -> function(bed, function, calls));
    }
    for (WarmServer.Program server : servers) {
      measurements.put(server.name(), () -> server(bed, server, calls));
    }
    return Measurement.inTurns(measurements, 0, runs, Duration.ZERO);
  }

  private static Warm function(TestBed bed, Subject subject, int calls)
      throws IOException, InterruptedException {
    byte[] event = Files.readAllBytes(subject.event());
    try (FunctionProcess process = bed.start(subject, Condition.TLS)) {
      process.await();
      process.awaitIdle();
      Measured measured = new Measured(process.pid());
      for (int i = 0; i < calls; i++) {
        TimedInvocation invocation = process.invoke(event);
        measured.add(Duration.ofNanos(invocation.responded() - invocation.handedOut()));
      }
      process.awaitIdle();
      Warm warm = measured.result();
      subject.contract().checkTraces(subject.name(), bed.tls().received(), calls + 1);
      return warm;
    }
  }

  private static Warm server(TestBed bed, WarmServer.Program program, int calls)
      throws IOException, InterruptedException {
    bed.tls().received().clear();
    bed.tls().modelTime(Duration.ZERO);
    try (WarmServer server = WarmServer.start(program, bed.variables(Condition.TLS))) {
      Measured measured = new Measured(server.pid());
      for (int i = 0; i < calls; i++) {
        measured.add(server.call());
      }
      program.contract().checkTraces(program.name(), bed.tls().received(), calls + 1);
      return measured.result();
    }
  }

  private static Warm model(TestBed bed, int calls) throws IOException, InterruptedException {
    bed.tls().modelTime(Duration.ZERO);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(bed.tls().model() + "/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(REQUEST))
            .build();
    List<Duration> times = new ArrayList<>();
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(bed.certificates().client())
            .build()) {
      for (int i = 0; i < calls; i++) {
        long called = System.nanoTime();
        String reply = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        times.add(Duration.ofNanos(System.nanoTime() - called));
        Contract.completion().checkReply(MODEL, reply);
      }
    }
    return new Warm(times, Duration.ZERO, 0);
  }

  /** Collects the figures of a process. */
  private static final class Measured {

    private final long pid;
    private final Duration before;
    private final List<Duration> times = new ArrayList<>();

    Measured(long pid) throws IOException {
      this.pid = pid;
      this.before = ProcessTree.cpu(pid);
    }

    void add(Duration time) {
      times.add(time);
    }

    Warm result() throws IOException {
      Duration cpu = ProcessTree.cpu(pid).minus(before);
      return new Warm(times, cpu.dividedBy(times.size()), ProcessTree.residentBytes(pid));
    }
  }
}
