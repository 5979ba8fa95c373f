package dev.skein.local;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmConfig;
import dev.skein.local.services.Clients;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The service as the template has it, over HTTP, on the real queue, the real table and real JVMs.
 */
@Timeout(120)
class EndToEndTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String PROMPT = "the-canary-of-the-prompt";

  private static RunningStack world;

  @BeforeAll
  static void start() {
    world = RunningStack.withOwnParts(FreePorts.settings(Map.of()), RunningStack.patientAudit());
  }

  @AfterAll
  static void noSecretReachedTheOutputAndNoProcessIsLeft() {
    var stack = world.stack();
    var pids = new ArrayList<>(stack.servicePids());
    for (var function : List.of("ChatFunction", "AnalyzeFunction", "AuditConsumerFunction")) {
      pids.addAll(stack.environmentPids(function));
    }
    assertThat(pids).hasSizeGreaterThan(4);

    world.close();

    // The one kind of line that holds a record by design; it comes when the queue is slow.
    var output =
        world
            .output()
            .lines()
            .filter(line -> !line.contains("audit_alternate"))
            .collect(joining("\n"));
    assertThat(output)
        .contains("POST", "/chat", "200")
        .doesNotContain(RunningStack.KEY, PROMPT, "java.lang.", "\tat ");
    assertThat(pids)
        .noneMatch(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent());
  }

  @BeforeEach
  void theModelAnswers() {
    world.model().script(request -> ScriptedReply.text("reply to: " + request.lastUserMessage()));
  }

  private static String chat(String userId) {
    return "{\"message\":\"%s\",\"user_id\":\"%s\"}".formatted(PROMPT, userId);
  }

  @Test
  void aChatIsAnsweredAndItsRecordReadBack() {
    long start = System.nanoTime();
    var reply = world.post("/chat", chat("reader"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().get("response").textValue()).isEqualTo("reply to: " + PROMPT);
    var record = world.awaitTrail("reader", "completed", 1).getFirst();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(record.get("audit_id")).isEqualTo(reply.body().get("audit_id"));
    assertThat(record.get("request_id")).isEqualTo(reply.body().get("request_id"));
    assertThat(record.get("identity").textValue()).isEqualTo("local");
    assertThat(record.get("message_preview").textValue()).isEqualTo(PROMPT);
    assertThat(record.get("total_tokens").intValue()).isEqualTo(15);
    assertThat(world.model().received().getLast().headers())
        .containsEntry("authorization", "Bearer " + RunningStack.KEY);
  }

  @Test
  void theTimeoutHeaderReachesTheFunctionAndTheTriedModelsTheCaller() {
    world.model().script(request -> ScriptedReply.hang());

    var reply = world.post("/chat", chat("hasty"), "x-request-timeout-ms", "2000");

    assertThat(reply.status()).isEqualTo(504);
    assertThat(reply.body().get("type").textValue()).endsWith(":model-timed-out");
    assertThat(reply.headers())
        .containsEntry("x-skein-attempts", List.of("1"))
        .containsEntry("x-skein-tried", List.of(LlmConfig.DEFAULT_MODEL + " model-timed-out"));
    var record = world.awaitTrail("hasty", "completed", 1).getFirst();
    assertThat(record.at("/tried/0/result").textValue()).isEqualTo("model-timed-out");
  }

  @Test
  void anAnalysisKeepsThePartsThatCame() throws InterruptedException {
    var gate = new CountDownLatch(1);
    int before = world.model().requests();
    world
        .model()
        .script(
            request ->
                request.system().contains("topics")
                    ? ScriptedReply.error(500, "t", "c").held(gate)
                    : ScriptedReply.text("fine").held(gate));
    var call = world.postAsync("/analyze", "{\"text\":\"tea\",\"user_id\":\"analyst\"}");
    world.model().awaitInFlight(3, SOON);
    gate.countDown();

    var reply = call.join();

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().get("sentiment").textValue()).isEqualTo("fine");
    assertThat(reply.body().get("topics").isNull()).isTrue();
    assertThat(reply.body().at("/errors/topics/type").textValue()).endsWith("model-unavailable");
    assertThat(world.model().requests() - before).isEqualTo(3);
    var record = world.awaitTrail("analyst", "completed", 1).getFirst();
    assertThat(record.at("/calls/failed").intValue()).isEqualTo(1);
  }

  @Test
  void twentySummariesKeepTheirOrderAroundOneThatFails() {
    world
        .model()
        .script(
            request ->
                request.lastUserMessage().equals("text 7")
                    ? ScriptedReply.reset()
                    : ScriptedReply.text("summary of " + request.lastUserMessage()));
    var texts =
        IntStream.range(0, 20).mapToObj("\"text %d\""::formatted).collect(joining(",", "[", "]"));

    var reply = world.post("/summaries", "{\"texts\":" + texts + ",\"user_id\":\"batch\"}");

    assertThat(reply.status()).isEqualTo(200);
    var results = reply.body().get("results");
    assertThat(results).hasSize(20);
    for (int i = 0; i < 20; i++) {
      JsonNode result = results.get(i);
      assertThat(result.get("text").textValue()).isEqualTo("text " + i);
      assertThat(result.get("summary").isNull()).isEqualTo(i == 7);
      assertThat(result.get("error").isNull()).isEqualTo(i != 7);
    }
    assertThat(world.awaitTrail("batch", "completed", 1).getFirst().at("/calls").toString())
        .isEqualTo("{\"total\":20,\"ok\":19,\"failed\":1}");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /nowhere, 404, not-found",
    "GET, /chat, 405, method-not-allowed",
    "PUT, /audit, 405, method-not-allowed",
    "POST, /chat, 400, malformed-request",
  })
  void aRequestThatDoesNotFitIsAProblemDocument(
      String method, String path, int status, String problem) {
    var reply = world.call(method, path);

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.headers().get("content-type")).containsExactly("application/problem+json");
    assertThat(reply.body().get("type").textValue()).isEqualTo("urn:skein:problem:" + problem);
    String requestId =
        reply.body().get("instance").textValue().substring("urn:skein:request:".length());
    assertThat(reply.headers().get("x-request-id")).containsExactly(requestId);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/responses, 404, not_found",
    "GET, /v1, 404, not_found",
    "GET, /v1/chat, 404, not_found",
    "GET, /v1/embeddings, 405, method_not_allowed",
    "GET, /v1/models/other/model, 404, model_not_found",
    "PUT, /v1/models, 405, method_not_allowed",
    "GET, /v1/chat/completions/, 405, method_not_allowed",
  })
  void aRequestBelowV1ThatDoesNotFitIsAnOpenAiError(
      String method, String path, int status, String code) {
    var reply = world.call(method, path);

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.headers().get("content-type")).containsExactly("application/json");
    assertThat(reply.headers()).containsKey("x-request-id");
    assertThat(reply.body().at("/error/code").textValue()).isEqualTo(code);
  }

  @Test
  void aModelIsRetrievedAndHeadHasNoBody() {
    String model = LlmConfig.DEFAULT_MODEL;

    assertThat(world.get("/v1/models/" + model).body().path("id").textValue()).isEqualTo(model);
    assertThat(world.get("/v1/models/").body().path("object").textValue()).isEqualTo("list");
    for (String path : List.of("/v1/models", "/v1/models/" + model, "/audit?limit=1")) {
      var head = world.call("HEAD", path);
      assertThat(head.status()).as(path).isEqualTo(200);
      assertThat(head.headers()).as(path).containsKey("x-request-id");
      assertThat(head.body().isMissingNode()).as(path).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"/v1/chat/completions, /error/code, _", "/chat, /type, -"})
  void aBodyThatIsCompressedOrNotUtf8IsRefusedInTheRoutesOwnFormat(
      String path, String pointer, String dash) {
    byte[] notUtf8 = {'{', '"', (byte) 0xFC, '"', ':', '1', '}'};

    var compressed = world.post(path, notUtf8, "Content-Encoding", "gzip");
    assertThat(compressed.status()).isEqualTo(415);
    assertThat(compressed.body().at(pointer).textValue())
        .endsWith("unsupported-media-type".replace("-", dash));

    var latin1 = world.post(path, notUtf8, "X-Any", "x");
    assertThat(latin1.status()).isEqualTo(400);
    assertThat(latin1.body().at(pointer).textValue())
        .endsWith("malformed-request".replace("-", dash));
  }

  @Test
  void aFunctionThatIsKilledLeavesItsIntentAndTheNextRequestWorks() throws InterruptedException {
    var held = new CountDownLatch(1);
    world.model().script(request -> ScriptedReply.text("too late").held(held));
    var call = world.postAsync("/chat", chat("killed"));
    world.awaitTrail("killed", "intent", 1);
    kill(world.stack().environmentPids("ChatFunction"));

    var reply = call.join();
    held.countDown();

    assertThat(reply.status()).isEqualTo(502);
    assertThat(reply.body().get("type").textValue()).isEqualTo("urn:skein:problem:bad-gateway");
    theModelAnswers();
    assertThat(world.post("/chat", chat("killed")).status()).isEqualTo(200);
    world.awaitTrail("killed", "completed", 1);
    assertThat(world.itemsInTheTable("killed", "intent")).isEqualTo(1);
  }

  private static void kill(List<Long> pids) {
    assertThat(pids).isNotEmpty();
    pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  @Test
  void aHundredChatsAtOnceAreAllAnsweredAndAllInTheTable() {
    var calls = new ArrayList<CompletableFuture<RunningStack.Reply>>();
    for (int i = 0; i < 100; i++) {
      calls.add(world.postAsync("/chat", chat("crowd")));
    }

    var statuses = calls.stream().map(call -> call.join().status()).toList();

    assertThat(statuses)
        .as(world.problems())
        .allMatch(status -> status == 200 || status == 429)
        .contains(200);
    long answered = statuses.stream().filter(status -> status == 200).count();
    RunningStack.await(
        answered + " completed records; " + world.problems(),
        SOON,
        () -> world.itemsInTheTable("crowd", "completed") == answered);
    assertThat(world.itemsInTheTable("crowd", "intent")).isZero();
  }

  @Test
  void theTrailIsReadBackInPages() {
    for (int i = 0; i < 5; i++) {
      assertThat(world.post("/chat", chat("pages")).status()).isEqualTo(200);
    }
    var all = world.awaitTrail("pages", "completed", 5);

    var first = world.get("/audit?user_id=pages&limit=3").body();
    String cursor = first.get("next_cursor").textValue();
    var second = world.get("/audit?user_id=pages&limit=3&cursor=" + cursor).body();

    var paged = new ArrayList<JsonNode>();
    first.get("records").forEach(paged::add);
    second.get("records").forEach(paged::add);
    assertThat(paged).isEqualTo(all);
    assertThat(second.get("next_cursor").isNull()).isTrue();
    assertThat(all)
        .extracting(record -> record.get("timestamp").textValue())
        .isSortedAccordingTo(Comparator.reverseOrder());
  }

  @Test
  void theSampleEventOfTheConsumerIsStored() throws Exception {
    var event =
        RunningStack.json(
            Files.readString(RunningStack.ROOT.resolve("events/audit-consumer.json")));
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".123Z");
    try (var sqs = Clients.sqs(world.stack().sqs())) {
      var queue = sqs.getQueueUrl(request -> request.queueName("AuditQueue")).queueUrl();
      for (var record : event.get("Records")) {
        // Of now: a sample grows old, and the table forgets what is too old.
        String body =
            record
                .get("body")
                .textValue()
                .replaceAll("\"timestamp\":\"[^\"]+", "\"timestamp\":\"" + now);
        sqs.sendMessage(request -> request.queueUrl(queue).messageBody(body));
      }
    }
    var body = RunningStack.json(event.at("/Records/0/body").textValue());

    world.awaitTrail(body.get("user_id").textValue(), "completed", 1);
  }

  @ParameterizedTest
  @CsvSource({
    "chat.json, 200",
    "models.json, 200",
    "embeddings.json, 200",
    "analyze.json, 200",
    "summaries.json, 200",
    "bad-request.json, 422",
    "audit-reader.json, 200",
    "audit-summary.json, 200",
    "audit-eraser.json, 200",
  })
  void aSampleEventIsAnsweredOverHttpToo(String file, int status) throws Exception {
    var event = RunningStack.json(Files.readString(RunningStack.ROOT.resolve("events/" + file)));
    String path = event.get("path").textValue();

    var reply =
        switch (event.get("httpMethod").textValue()) {
          case "GET" -> world.get(path + query(event));
          case "DELETE" -> world.call("DELETE", path + query(event));
          default -> world.post(path, event.get("body").textValue());
        };

    assertThat(reply.status()).isEqualTo(status);
  }

  private static String query(JsonNode event) {
    return event.path("queryStringParameters").properties().stream()
        .map(parameter -> parameter.getKey() + "=" + parameter.getValue().asText())
        .collect(joining("&", "?", ""));
  }

  @Test
  void theCommandsThatTheStackPrintsAreAnswered() throws Exception {
    var replies = new ArrayList<JsonNode>();
    for (var command : SampleCommands.of(world.stack().api(), false, false)) {
      replies.add(RunningStack.json(output(command.replaceFirst("curl", "curl -sS"))));
    }

    assertThat(replies.get(0).path("response").asText())
        .isEqualTo("reply to: What is a skein of geese?");
    assertThat(replies.get(1).at("/choices/0/message/content").asText())
        .isEqualTo("reply to: Hello");
    assertThat(replies.get(2).path("records").isArray()).isTrue();
  }

  private static String output(String command) throws IOException {
    var shell = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat-stream.json", "completions.json", "text-completions.json"})
  void aSampleEventOfAStreamIsAnsweredOverHttpToo(String file) throws Exception {
    var event = RunningStack.json(Files.readString(RunningStack.ROOT.resolve("events/" + file)));

    try (var caller =
        StreamingCaller.post(
            world.stack().api(), event.get("path").textValue(), event.get("body").textValue())) {
      assertThat(caller.status()).isEqualTo(200);
      assertThat(caller.events()).hasSizeGreaterThan(2);
      assertThat(caller.isWhole()).isTrue();
    }
  }
}
