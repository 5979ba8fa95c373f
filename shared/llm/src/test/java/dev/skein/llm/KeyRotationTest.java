package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult.Attempt;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A rotation while 200 calls run at any time, half of them streams: the provider accepts the old
 * key, then both, and then only the new one. The source has the new key once both are accepted.
 */
@Timeout(120)
class KeyRotationTest {
  private static final int CALLERS = 200;
  private static final int CALLS_PER_CALLER = 20;
  private static final int BOTH_FROM = 1000;
  private static final int NEW_ONLY_FROM = 2000;

  private static final LlmLimits LIMITS =
      new LlmLimits(
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          2048,
          0,
          0,
          1000);

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger fetches = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();

  @AfterEach
  void close() {
    http.shutdownNow();
    model.close();
  }

  private ScriptedReply reply(ModelRequest request) {
    int number = asked.getAndIncrement();
    String key = request.headers().getOrDefault("authorization", "").replace("Bearer ", "");
    boolean accepted = key.equals("sk-new") ? number >= BOTH_FROM : number < NEW_ONLY_FROM;
    if (!accepted) {
      refusals.incrementAndGet();
      return ScriptedReply.error(401, "invalid_request_error", "invalid_api_key");
    }
    return ScriptedReply.text("reply to: " + request.lastUserMessage());
  }

  private CompletableFuture<Optional<List<LlmEndpoint>>> fetch() {
    fetches.incrementAndGet();
    String key = asked.get() < BOTH_FROM ? "sk-old" : "sk-new";
    return CompletableFuture.supplyAsync(
        () -> Optional.of(List.of(new LlmEndpoint(model.baseUrl(), Optional.of(key), "m"))));
  }

  private HttpLlmClient client() {
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m");
    return new HttpLlmClient(
        http,
        new LlmConfig(List.of(endpoint), List.of("m"), LIMITS, false),
        Optional.of(this::fetch));
  }

  private static LlmResult call(HttpLlmClient client, int number) {
    var request =
        new LlmRequest("m", List.of(new Message(Role.USER, "" + number)), Defaults.of(0, 7));
    var deadline = Deadline.in(Duration.ofMinutes(1), System::nanoTime);
    if (number % 2 == 0) {
      return client.complete(request, deadline).join();
    }
    try (var stream = client.stream(request, deadline)) {
      LlmEvent event = stream.next();
      while (event instanceof Delta) {
        event = stream.next();
      }
      return ((End) event).result();
    }
  }

  @Test
  void noCallFailsWhileTheKeyIsRotatedUnderLoad() throws Exception {
    model.script(this::reply);
    var results = new ArrayList<Future<List<LlmResult>>>();
    try (var client = client();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      client.fetchKeys().join();
      for (int caller = 0; caller < CALLERS; caller++) {
        int first = caller;
        results.add(
            threads.submit(
                () -> {
                  var mine = new ArrayList<LlmResult>();
                  for (int call = 0; call < CALLS_PER_CALLER; call++) {
                    mine.add(call(client, first + call));
                  }
                  return mine;
                }));
      }
      var all = new ArrayList<LlmResult>();
      for (var mine : results) {
        all.addAll(mine.get());
      }
      assertThat(all)
          .hasSize(CALLERS * CALLS_PER_CALLER)
          .allSatisfy(it -> assertThat(it.outcome()).isInstanceOf(Completed.class));
      assertThat(refusals.get()).isBetween(1, CALLERS);
      assertThat(all.stream().flatMap(it -> it.attempts().stream()).filter(Attempt::keyReplaced))
          .hasSize(refusals.get());
      assertThat(fetches).hasValue(2);
    }
  }
}
