package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.faults.Step;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What simulated time cannot show: real threads and real sockets, where pieces, ends, deadlines and
 * callers who leave meet at random moments. Every call has one end, in time, and its text is the
 * beginning of what one endpoint sent, never of two.
 */
class StressTest {
  private static final int ROUND = 2_000;
  private static final int AT_ONCE = 24;

  /** The last calls of a round have the machine to themselves, so that some end in time. */
  private static final int CALM = 200;

  private static final int AT_ONCE_WHEN_CALM = 2;

  /** A call that has no end by then will have none. */
  private static final Duration NEVER = Duration.ofSeconds(30);

  private static final String HEAD =
      """
      HTTP/1.1 200 OK\r
      Content-Type: text/event-stream\r
      Transfer-Encoding: chunked\r
      \r
      """;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  @AfterEach
  void close() {
    http.shutdownNow();
  }

  @Test
  void everyCallHasOneEndAndTheTextOfOneEndpoint() throws Exception {
    long calls = Long.getLong("skein.stress.calls", 20_000);
    long seed = Long.getLong("skein.seed", 1);
    var ends = new int[3];
    for (long done = 0; done < calls; done += ROUND) {
      for (int end : round(seed + done)) {
        ends[end]++;
      }
    }
    System.out.println(
        "calls that were completed, ended otherwise, left: "
            + ends[0]
            + ", "
            + ends[1]
            + ", "
            + ends[2]);
    // Each kind has to occur often, or the test would test less than it says.
    for (int count : ends) {
      assertThat((long) count).isGreaterThan(calls / 100);
    }
  }

  private List<Integer> round(long seed) throws Exception {
    try (var first = ScriptedModel.start();
        var second = ScriptedModel.start();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      first.script(request -> reply("a", request));
      second.script(request -> reply("b", request));
      var client = client(first, second);
      var places = new Semaphore(AT_ONCE);
      var ends = new ArrayList<Future<Integer>>();
      for (int i = 0; i < ROUND; i++) {
        if (i == ROUND - CALM) {
          places.acquire(AT_ONCE - AT_ONCE_WHEN_CALM);
        }
        places.acquire();
        long callSeed = seed + i;
        ends.add(
            threads.submit(
                () -> {
                  try {
                    return call(client, callSeed);
                  } finally {
                    places.release();
                  }
                }));
      }
      var kinds = new ArrayList<Integer>();
      for (var end : ends) {
        kinds.add(end.get());
      }
      first.awaitInFlight(0, NEVER);
      second.awaitInFlight(0, NEVER);
      return kinds;
    }
  }

  private HttpLlmClient client(ScriptedModel first, ScriptedModel second) {
    var limits =
        new LlmLimits(
            NEVER,
            Duration.ofMillis(15),
            Duration.ofMillis(12),
            Duration.ofMillis(10),
            NEVER,
            2048,
            1,
            1_000_000,
            1_000_000);
    var endpoints =
        List.of(
            new LlmEndpoint(first.baseUrl(), Optional.empty(), "m"),
            new LlmEndpoint(second.baseUrl(), Optional.empty(), "m"));
    return new HttpLlmClient(http, new LlmConfig(endpoints, List.of("m"), limits, true));
  }

  /** Returns 0 for a call that was completed, 1 for one that ended otherwise, 2 for one left. */
  private static int call(HttpLlmClient client, long seed) throws Exception {
    var random = new Random(seed);
    var request =
        new LlmRequest("m", List.of(new Message(Role.USER, "" + seed)), Defaults.of(0, 9));
    var deadline = Deadline.in(Duration.ofNanos(random.nextInt(60_000_000)), System::nanoTime);
    long leaves = random.nextInt(3) == 0 ? random.nextInt(20_000_000) : -1;
    return random.nextBoolean()
        ? whole(client.complete(request, deadline), leaves)
        : streamed(client.stream(request, deadline), leaves, random);
  }

  private static int whole(CompletableFuture<LlmResult> call, long leaves)
      throws ExecutionException, InterruptedException, TimeoutException {
    if (leaves >= 0) {
      LockSupport.parkNanos(leaves);
      call.cancel(true);
    }
    try {
      var outcome = call.get(NEVER.toSeconds(), TimeUnit.SECONDS).outcome();
      if (outcome instanceof Completed completed) {
        assertOneEndpoint(completed.text());
      }
      return outcome instanceof Completed ? 0 : 1;
    } catch (CancellationException e) {
      return 2;
    }
  }

  private static int streamed(LlmStream stream, long leaves, Random random) throws Exception {
    if (leaves >= 0) {
      Thread.ofVirtual()
          .start(
              () -> {
                LockSupport.parkNanos(leaves);
                stream.close();
              });
    }
    var text = new StringBuilder();
    var reading =
        CompletableFuture.supplyAsync(
            () -> {
              while (true) {
                switch (stream.next()) {
                  case Delta delta -> text.append(delta.text());
                  case End(LlmResult result) -> {
                    assertThat(stream.next()).isEqualTo(new End(result));
                    return result.outcome();
                  }
                }
                if (random.nextInt(8) == 0) {
                  LockSupport.parkNanos(random.nextInt(2_000_000));
                }
              }
            },
            task -> Thread.ofVirtual().start(task));
    LlmOutcome outcome = reading.get(NEVER.toSeconds(), TimeUnit.SECONDS);
    assertOneEndpoint(text.toString());
    if (outcome instanceof Completed completed) {
      assertThat(completed.text()).isEqualTo(text.toString());
      return 0;
    }
    return outcome instanceof LlmOutcome.Abandoned ? 2 : 1;
  }

  /** Pieces are numbered from zero, after the name of their endpoint. */
  private static void assertOneEndpoint(String text) {
    if (!text.isEmpty()) {
      String[] pieces = text.split(" ", -1);
      String endpoint = pieces[0].substring(0, 1);
      for (int i = 0; i < pieces.length - 1; i++) {
        assertThat(pieces[i]).as(text).isEqualTo(endpoint + i);
      }
    }
  }

  private static ScriptedReply reply(String endpoint, ModelRequest request) {
    var random = new Random(31 * Long.parseLong(request.lastUserMessage()) + endpoint.hashCode());
    var steps = new ArrayList<Step>();
    pause(random, steps);
    int kind = random.nextInt(8);
    if (kind == 0) {
      return ScriptedReply.status(503);
    }
    if (kind == 1) {
      steps.add(random.nextBoolean() ? new Step.Hang() : new Step.Reset());
      return ScriptedReply.of(steps.toArray(Step[]::new));
    }
    steps.add(Step.send(HEAD));
    int pieces = 1 + random.nextInt(6);
    for (int i = 0; i < pieces; i++) {
      pause(random, steps);
      steps.add(chunk("{\"choices\":[{\"delta\":{\"content\":\"" + endpoint + i + " \"}}]}"));
    }
    pause(random, steps);
    end(kind, steps);
    return ScriptedReply.of(steps.toArray(Step[]::new));
  }

  private static void end(int kind, List<Step> steps) {
    switch (kind) {
      case 2 -> steps.add(new Step.Reset());
      case 3 -> steps.add(new Step.Hang());
      case 4 -> steps.add(new Step.Close());
      default -> {
        steps.add(chunk("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}"));
        steps.add(chunk("[DONE]"));
        steps.add(kind == 5 ? new Step.Hang() : Step.send("0\r\n\r\n"));
      }
    }
  }

  private static void pause(Random random, List<Step> steps) {
    if (random.nextInt(4) == 0) {
      steps.add(new Step.Pause(Duration.ofNanos(random.nextInt(4_000_000))));
    }
  }

  private static Step chunk(String data) {
    String event = "data: " + data + "\n\n";
    return Step.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
  }
}
