package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.skein.base.Deadline;
import dev.skein.faults.Reply;
import dev.skein.faults.ScriptedModel;
import dev.skein.llm.CallEnvironment.World;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** One client, thousands of calls that end in every way, over real sockets. */
class LeakTest {
  private static final int ROUND = 2_000;
  private static final int AT_ONCE = 32;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** What may come on top of the first round; a leak of one in a hundred calls is far more. */
  private static final Footprint MARGIN = new Footprint(8, 4, 4 << 20);

  private static final String EVENTS =
      "data: {\"choices\":[{\"delta\":{\"content\":\"goose \"}}]}\n\n".repeat(20)
          + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: [DONE]\n\n";

  /** How a call is answered, made, and ends. */
  private enum Kind {
    WHOLE,
    ERROR,
    CUT,
    RESET,
    HUNG_AND_CANCELLED,
    HUNG_TO_THE_DEADLINE,
    CLOSED,
    STREAMED,
    STREAMED_AND_LEFT;

    private Reply reply() {
      var stream = Reply.status(200, Map.of("Content-Type", "text/event-stream"), EVENTS);
      return switch (this) {
        case WHOLE -> Reply.text("yes");
        case ERROR -> Reply.error(500, "server_error", "server_error");
        case CUT -> Reply.cut(Reply.text("yes"), 20);
        case RESET -> Reply.reset();
        case HUNG_AND_CANCELLED, HUNG_TO_THE_DEADLINE -> Reply.hang();
        case CLOSED -> Reply.closeWithoutByte();
        case STREAMED -> Reply.chunked(stream, 100);
        case STREAMED_AND_LEFT -> Reply.stall(stream, 200);
      };
    }

    private Class<?> outcome() {
      return switch (this) {
        case WHOLE, STREAMED -> LlmOutcome.Completed.class;
        case ERROR, RESET, CLOSED -> LlmOutcome.Unavailable.class;
        case CUT, HUNG_AND_CANCELLED -> Cut.class;
        case STREAMED_AND_LEFT -> LlmOutcome.Abandoned.class;
        case HUNG_TO_THE_DEADLINE -> LlmOutcome.TimedOut.class;
      };
    }
  }

  /** What a process holds. */
  private record Footprint(long files, int threads, long heapBytes) {

    private static Footprint now() {
      System.gc();
      var files =
          ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
              ? unix.getOpenFileDescriptorCount()
              : 0;
      return new Footprint(
          files,
          ManagementFactory.getThreadMXBean().getThreadCount(),
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }

    private Footprint plus(Footprint margin) {
      return new Footprint(
          files + margin.files, threads + margin.threads, heapBytes + margin.heapBytes);
    }

    private boolean fitsInto(Footprint bound) {
      return files <= bound.files && threads <= bound.threads && heapBytes <= bound.heapBytes;
    }

    /** Sockets close, and soft references go, some time after their calls. */
    private static Footprint settled(Footprint bound) {
      long end = System.nanoTime() + SOON.toNanos();
      var now = now();
      while (!now.fitsInto(bound) && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        now = now();
      }
      return now;
    }
  }

  private final ExecutorService callbacks = Executors.newFixedThreadPool(4);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(callbacks).build();
  private final Timer timer = Timer.daemon();

  /**
   * Calls that a limit had to end. About once in half a million the JDK tells nothing more of an
   * exchange, for a reason that we do not know; that it ends in time all the same is the point.
   */
  private final AtomicInteger strays = new AtomicInteger();

  /** The server remembers every request, so that each round has a new one. */
  private volatile URI server = URI.create("http://127.0.0.1:9/v1");

  private final HttpLlmClient client = client();

  private HttpLlmClient client() {
    var limits = new LlmLimits(SOON, SILENCE, SILENCE, 2, 100_000, 100_000, AT_ONCE);
    var endpoint = new LlmEndpoint(server, Optional.empty(), "m");
    var http = new HttpTransport(this.http, timer);
    Transport toTheServer =
        (_, request, streaming, listener) ->
            http.prepare(
                new Endpoint(
                    new LlmEndpoint(server, Optional.empty(), "m"),
                    true,
                    new Breaker(1, System::nanoTime)),
                request,
                streaming,
                listener);
    return new HttpLlmClient(
        new LlmConfig(List.of(endpoint), List.of("m"), limits, false),
        toTheServer,
        new World(timer, new RetryRules(() -> 0L), InstantSource.system(), System::nanoTime));
  }

  @AfterEach
  void close() {
    http.shutdownNow();
    callbacks.shutdownNow();
  }

  @Test
  void nothingOfACallIsLeftBehind(TestReporter reporter) throws Exception {
    long calls = Long.getLong("skein.leak.calls", 10_000);
    var before = Footprint.now();
    round();
    // What a client needs for itself, and what is loaded once.
    var first = Footprint.settled(before.plus(new Footprint(16, 16, 64 << 20)));

    for (long done = ROUND; done < calls; done += ROUND) {
      round();
    }

    var last = Footprint.settled(first.plus(MARGIN));
    reporter.publishEntry(
        "strays; before, after the first round, at the end",
        strays + "; " + before + ", " + first + ", " + last);
    assertThat(strays.longValue()).as("strays").isLessThanOrEqualTo(1 + calls / 100_000);
    assertThat(last.files()).isLessThanOrEqualTo(first.files() + MARGIN.files());
    assertThat(last.threads()).isLessThanOrEqualTo(first.threads() + MARGIN.threads());
    assertThat(last.heapBytes()).isLessThanOrEqualTo(first.heapBytes() + MARGIN.heapBytes());
  }

  private void round() throws Exception {
    try (var model = ScriptedModel.start()) {
      model.script(request -> Kind.valueOf(request.lastUserMessage()).reply());
      server = model.baseUrl();
      var kinds = Kind.values();
      List<Supplier<CompletableFuture<Kind>>> calls =
          IntStream.range(0, ROUND)
              .mapToObj(i -> kinds[i % kinds.length])
              .<Supplier<CompletableFuture<Kind>>>map(kind -> () -> call(kind))
              .toList();
      Lanes.run(AT_ONCE, calls, _ -> false, it -> it).get(5, TimeUnit.MINUTES);
      // Whatever was given up is so on the wire too.
      model.awaitInFlight(0, SOON);
    }
  }

  private CompletableFuture<Kind> call(Kind kind) {
    var request = new LlmRequest("m", List.of(new Message(Role.USER, kind.name())), 0, 9);
    boolean hangs = kind == Kind.HUNG_TO_THE_DEADLINE;
    var deadline = Deadline.in(hangs ? Duration.ofMillis(30) : SOON, System::nanoTime);
    var result =
        switch (kind) {
          case STREAMED, STREAMED_AND_LEFT ->
              read(client.stream(request, deadline), kind == Kind.STREAMED_AND_LEFT);
          case HUNG_AND_CANCELLED -> cancelled(client.complete(request, deadline));
          case WHOLE, ERROR, CUT, RESET, HUNG_TO_THE_DEADLINE, CLOSED ->
              client.complete(request, deadline);
        };
    return result.thenApply(
        it -> {
          if (!kind.outcome().isInstance(it.outcome())) {
            assertThat(it.outcome())
                .as("the outcome of %s", kind)
                .isInstanceOfAny(Cut.class, LlmOutcome.TimedOut.class);
            strays.incrementAndGet();
          }
          return kind;
        });
  }

  private static CompletableFuture<LlmResult> read(LlmStream stream, boolean leave) {
    return stream
        .next()
        .thenCompose(
            event -> {
              if (event instanceof End(LlmResult result)) {
                return CompletableFuture.completedFuture(result);
              }
              if (leave) {
                stream.close();
              }
              return read(stream, leave);
            });
  }

  /** Most often when the request is out, at times before it is. */
  private CompletableFuture<LlmResult> cancelled(CompletableFuture<LlmResult> call) {
    var _ = timer.after(Duration.ofMillis(5), () -> call.cancel(true));
    return call.exceptionally(_ -> new LlmResult(new Cut("cancelled"), List.of()));
  }
}
