package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.skein.base.Deadline;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One client, thousands of calls that end in every way, over real sockets. */
class LeakTest {
  private static final int ROUND = 2_000;
  private static final int AT_ONCE = 32;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofSeconds(15);

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

    private ScriptedReply reply() {
      var stream = ScriptedReply.status(200, Map.of("Content-Type", "text/event-stream"), EVENTS);
      return switch (this) {
        case WHOLE -> ScriptedReply.text("yes");
        case ERROR -> ScriptedReply.error(500, "server_error", "server_error");
        case CUT -> ScriptedReply.cut(ScriptedReply.text("yes"), 20);
        case RESET -> ScriptedReply.reset();
        case HUNG_AND_CANCELLED, HUNG_TO_THE_DEADLINE -> ScriptedReply.hang();
        case CLOSED -> ScriptedReply.closeWithoutByte();
        case STREAMED -> ScriptedReply.chunked(stream, 100);
        case STREAMED_AND_LEFT -> ScriptedReply.stall(stream, 200);
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

  /** Calls that only a limit ended, because the JDK reported nothing more about their exchange. */
  private final AtomicInteger strays = new AtomicInteger();

  /** The server remembers every request, so that each round has a new one. */
  private volatile URI server = URI.create("http://127.0.0.1:9/v1");

  private final HttpLlmClient client = client();

  private HttpLlmClient client() {
    var limits = new LlmLimits(SOON, SILENCE, SILENCE, SILENCE, SOON, 2048, 2, 100_000, 100_000);
    var endpoint = new LlmEndpoint(server, Optional.empty(), "m");
    var transport = new HttpTransport(http, Mailbox::blocking);
    return new HttpLlmClient(
        new LlmConfig(List.of(endpoint), List.of("m"), limits, false),
        (_, body) -> transport.open(serverNow(), body),
        HttpLlmClient.world(() -> 0L));
  }

  private Endpoint serverNow() {
    return new Endpoint(
        new LlmEndpoint(server, Optional.empty(), "m"),
        true,
        new CircuitBreaker(1, System::nanoTime),
        SILENCE);
  }

  @AfterEach
  void close() {
    http.shutdownNow();
    callbacks.shutdownNow();
  }

  @Test
  void nothingOfACallIsLeftBehind() throws Exception {
    long calls = Long.getLong("skein.leak.calls", 10_000);
    var before = Footprint.now();
    round();
    // What a client needs for itself, and what is loaded once.
    var first = Footprint.settled(before.plus(new Footprint(16, 16, 64 << 20)));

    for (long done = ROUND; done < calls; done += ROUND) {
      round();
    }

    var last = Footprint.settled(first.plus(MARGIN));
    System.out.println(
        "strays; before, after the first round, at the end: "
            + strays
            + "; "
            + before
            + ", "
            + first
            + ", "
            + last);
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
      var places = new Semaphore(AT_ONCE);
      var calls = new ArrayList<Future<?>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < ROUND; i++) {
          places.acquire();
          var kind = kinds[i % kinds.length];
          calls.add(
              threads.submit(
                  () -> {
                    try {
                      call(kind);
                    } finally {
                      places.release();
                    }
                  }));
        }
      }
      for (var call : calls) {
        call.get();
      }
      // Whatever was given up is so on the wire too.
      model.awaitInFlight(0, SOON);
    }
  }

  private void call(Kind kind) {
    var request =
        new LlmRequest("m", List.of(new Message(Role.USER, kind.name())), Defaults.of(0, 9));
    boolean hangs = kind == Kind.HUNG_TO_THE_DEADLINE;
    var deadline = Deadline.in(hangs ? Duration.ofMillis(30) : SOON, System::nanoTime);
    switch (kind) {
      case STREAMED, STREAMED_AND_LEFT -> {
        boolean leave = kind == Kind.STREAMED_AND_LEFT;
        check(kind, read(client.stream(request, deadline), leave));
      }
      case HUNG_AND_CANCELLED -> {
        var call = client.complete(request, deadline);
        // Most often when the request was sent, at times before.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        call.cancel(true);
      }
      case WHOLE, ERROR, CUT, RESET, HUNG_TO_THE_DEADLINE, CLOSED ->
          check(kind, client.complete(request, deadline).join());
    }
  }

  private void check(Kind kind, LlmResult result) {
    if (!kind.outcome().isInstance(result.outcome())) {
      assertThat(result.outcome())
          .as("the outcome of %s", kind)
          .isInstanceOfAny(Cut.class, LlmOutcome.TimedOut.class);
      strays.incrementAndGet();
    }
  }

  private static LlmResult read(LlmStream stream, boolean leave) {
    while (true) {
      if (stream.next() instanceof End(LlmResult result)) {
        return result;
      }
      if (leave) {
        stream.close();
      }
    }
  }
}
