package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Several model calls for one request, over TLS, of a model that takes 200 ms for each. */
final class FanOut {

  static final String ONE = "1 call, through the function (`/summaries`)";
  static final String THREE = "3 calls, through the function (`/analyze`)";
  static final String EVEN = "100 calls in 5 lanes, through the function (`/summaries`), even";
  static final String UNEVEN = "the same, uneven: 50 to 347 ms";
  static final String CLIENT_EACH = "100 calls in 5 lanes in this process, a client for each, even";
  static final String SEQUENCE = "3 calls in sequence in this process";

  static final Duration CALL = Duration.ofMillis(200);

  private static final int TEXTS = 100;
  private static final int LANES = 5;
  private static final int WARM_UP = 100;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestBed bed;
  private final FunctionProcess analyze;
  private final byte[] analyzeEvent;
  private final ObjectNode summariesEvent;

  private FanOut(TestBed bed, FunctionProcess analyze, Functions functions) throws IOException {
    this.bed = bed;
    this.analyze = analyze;
    this.analyzeEvent = Files.readAllBytes(functions.event("analyze"));
    this.summariesEvent =
        (ObjectNode) JSON.readTree(Files.readAllBytes(functions.event("summaries")));
  }

  /** What calls without any other work would take. */
  static Map<String, Duration> ideals() {
    Duration even = CALL.multipliedBy(TEXTS / LANES);
    return Map.of(
        ONE, CALL,
        THREE, CALL,
        EVEN, even,
        CLIENT_EACH, even,
        SEQUENCE, CALL,
        UNEVEN, uneven().stream().reduce(Duration.ZERO, Duration::plus).dividedBy(LANES));
  }

  /** Takes all of them in turns, in one warm environment. */
  static Map<String, List<Duration>> measure(TestBed bed, Functions functions, int runs)
      throws IOException, InterruptedException {
    try (FunctionProcess process = bed.start(functions.analyze(), Condition.TLS)) {
      process.await();
      var fanOut = new FanOut(bed, process, functions);
      for (int i = 0; i < WARM_UP; i++) {
        process.invoke(fanOut.analyzeEvent);
      }
      bed.tls().modelTime(CALL);
      Map<String, Measurement<Duration>> measurements = new LinkedHashMap<>();
      measurements.put(ONE, () -> fanOut.summaries(List.of(CALL)));
      measurements.put(THREE, fanOut::parts);
      measurements.put(SEQUENCE, fanOut::inSequence);
      measurements.put(EVEN, () -> fanOut.summaries(even()));
      measurements.put(UNEVEN, () -> fanOut.summaries(uneven()));
      measurements.put(CLIENT_EACH, fanOut::clientForEach);
      return Measurement.inTurns(measurements, 0, runs, Duration.ZERO);
    }
  }

  private static List<Duration> even() {
    return IntStream.range(0, TEXTS).mapToObj(_ -> CALL).toList();
  }

  /** The same times in each run, in a fixed disorder. */
  private static List<Duration> uneven() {
    return IntStream.range(0, TEXTS)
        .mapToObj(i -> Duration.ofMillis(50 + 3L * (i * 37 % TEXTS)))
        .toList();
  }

  private Duration parts() throws IOException, InterruptedException {
    return time(analyze.invoke(analyzeEvent));
  }

  private Duration summaries(List<Duration> times) throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("user_id", "alice").put("max_concurrent", LANES);
    var texts = body.putArray("texts");
    times.forEach(time -> texts.add("Geese fly in a skein. [" + time.toMillis() + " ms]"));
    ObjectNode event = summariesEvent.deepCopy().put("body", body.toString());
    return time(analyze.invoke(event.toString().getBytes(UTF_8), Contract.summaries(times.size())));
  }

  private static Duration time(TimedInvocation invocation) {
    return Duration.ofNanos(invocation.responded() - invocation.handedOut());
  }

  private Duration inSequence() throws IOException, InterruptedException {
    try (HttpClient http = client()) {
      call(http);
      long start = System.nanoTime();
      for (int i = 0; i < 3; i++) {
        call(http);
      }
      return Duration.ofNanos(System.nanoTime() - start);
    }
  }

  private Duration clientForEach() throws InterruptedException {
    Callable<String> task =
        () -> {
          try (HttpClient http = client()) {
            return call(http);
          }
        };
    long start = System.nanoTime();
    try (var lanes = Executors.newFixedThreadPool(LANES)) {
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < TEXTS; i++) {
        tasks.add(task);
      }
      for (Future<String> reply : lanes.invokeAll(tasks)) {
        Contract.completion().checkReply(CLIENT_EACH, reply.get());
      }
      return Duration.ofNanos(System.nanoTime() - start);
    } catch (ExecutionException e) {
      throw new MeasurementException(CLIENT_EACH + " failed: " + e.getCause());
    }
  }

  private HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(bed.certificates().client())
        .build();
  }

  private String call(HttpClient http) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(bed.tls().model() + "/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Warm.REQUEST))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
