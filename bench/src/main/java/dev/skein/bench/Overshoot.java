package dev.skein.bench;

import dev.skein.base.Deadline;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.llm.LlmLimits;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long after its deadline a call ends that no server answers in time.
 *
 * @param end from the deadline to the outcome
 * @param close from the deadline until the server has seen the connection's close
 */
record Overshoot(Spread end, Spread close) {
  static final int CALLS = 2_000;

  private static final int WARM_UP = 200;
  private static final int AT_ONCE = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  static Overshoot measure() throws InterruptedException {
    try (var model = ScriptedModel.start();
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      model.script(Overshoot::reply);
      var run = new Run(client(http, model));
      run.all();
      model.awaitInFlight(0, PATIENCE);
      return run.measured(model);
    }
  }

  /** It hangs, stalls in its body, or drips: the calls take turns. */
  private static ScriptedReply reply(ModelRequest request) {
    var text = ScriptedReply.text("a reply that comes too late, whichever way it comes");
    return switch (number(request) % 3) {
      case 0 -> ScriptedReply.hang();
      case 1 -> ScriptedReply.stall(text, 20);
      default -> ScriptedReply.slowBody(text, Duration.ofMillis(20));
    };
  }

  private static int number(ModelRequest request) {
    return Integer.parseInt(request.lastUserMessage());
  }

  private static HttpLlmClient client(HttpClient http, ScriptedModel model) {
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m");
    return new HttpLlmClient(
        http, new LlmConfig(List.of(endpoint), List.of("m"), LlmLimits.DEFAULTS, false));
  }

  private static final class Run {
    private final HttpLlmClient client;
    private final AtomicLongArray deadlines = new AtomicLongArray(WARM_UP + CALLS);
    private final AtomicLongArray ends = new AtomicLongArray(WARM_UP + CALLS);

    private Run(HttpLlmClient client) {
      this.client = client;
    }

    private void all() throws InterruptedException {
      var places = new Semaphore(AT_ONCE);
      var calls = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < WARM_UP + CALLS; i++) {
        places.acquire();
        calls.add(call(i).whenComplete((_, _) -> places.release()));
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
    }

    private CompletableFuture<?> call(int number) {
      // Every deadline from 50 to 250 ms, in no order that goes with the servers'.
      var wait = Duration.ofMillis(50 + number * 73 % 201);
      var request =
          new LlmRequest(
              "m", List.of(new Message(Role.USER, Integer.toString(number))), Defaults.of(0, 9));
      deadlines.set(number, System.nanoTime() + wait.toNanos());
      return client
          .complete(request, Deadline.in(wait, System::nanoTime))
          .thenAccept(_ -> ends.set(number, System.nanoTime()));
    }

    private Overshoot measured(ScriptedModel model) {
      List<Duration> overshoots = new ArrayList<>(CALLS);
      for (int i = WARM_UP; i < WARM_UP + CALLS; i++) {
        overshoots.add(since(i, ends.get(i)));
      }
      return new Overshoot(new Spread(overshoots), new Spread(closes(model)));
    }

    /** A call whose time was over before its request was out has no close. */
    private List<Duration> closes(ScriptedModel model) {
      var received = model.received();
      var closes =
          model.closedByClient().stream()
              .filter(closed -> isMeasured(received.get(closed.request() - 1)))
              .map(closed -> since(number(received.get(closed.request() - 1)), closed.nanoTime()))
              .toList();
      long measured = received.stream().filter(Run::isMeasured).count();
      if (closes.size() != measured) {
        throw new MeasurementException(
            "The server saw %,d closes of %,d requests".formatted(closes.size(), measured));
      }
      return closes;
    }

    private static boolean isMeasured(ModelRequest request) {
      return number(request) >= WARM_UP;
    }

    private Duration since(int call, long moment) {
      return Duration.ofNanos(moment - deadlines.get(call));
    }
  }
}
