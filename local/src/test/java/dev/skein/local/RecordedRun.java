package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.Chunks.Ending;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.services.Clients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One run of the whole service: every route, every kind of read, an erasure, and each kind of
 * failure, with canaries wherever a caller, a model or a provider can write a text or a key.
 */
final class RecordedRun {
  static final String CALLER_KEY = "sk-canary-of-the-callers-key";
  static final String PROVIDER_KEY = "sk-canary-of-the-providers-key";
  static final String COOKIE = "canary-of-the-cookie";
  static final String AUTHORIZATION = "canary-of-the-authorization";
  static final String PROSE = "canary-of-the-providers-error";
  static final String MESSAGE = "canary-of-the-message";
  static final String REPLY = "canary-of-the-reply";
  static final String ADDRESS = "canary@example.com";

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String STREAM = ",\"stream\":true";

  /** A request, and its answer. */
  record Exchange(String name, String trace, int status, String requestId, String answer) {}

  private final RecordedStack recorded;
  private final RunningStack stack;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Exchange> exchanges = new ArrayList<>();

  private RecordedRun(RecordedStack recorded) {
    this.recorded = recorded;
    this.stack = recorded.stack();
  }

  /** Runs it; the stack has stopped when this returns. */
  static RecordedRun of(Path folder) throws Exception {
    Map<String, String> settings = Map.of("API_KEYS", "alice:" + CALLER_KEY);
    try (var recorded = new RecordedStack(folder, PROVIDER_KEY, settings)) {
      var run = new RecordedRun(recorded);
      try (run.http) {
        run.everything();
      }
      return run;
    }
  }

  List<Exchange> exchanges() {
    return exchanges;
  }

  AwsTraffic traffic() {
    return recorded.traffic();
  }

  List<RunningStack.FunctionLine> lines() {
    return stack.functionLines();
  }

  /** What the stack has printed. */
  String console() {
    return stack.output();
  }

  private void everything() throws Exception {
    modelReplies();
    assertThat(post("/analyze", text()).status()).isEqualTo(503);
    recorded.allowSecret();
    calls();
    RunningStack.await("the secret", SOON, () -> post("/analyze", text()).status() == 200);
    assertThat(post("/summaries", "{\"texts\":[\"%s\"]}".formatted(MESSAGE)).status())
        .isEqualTo(200);
    faultsOfCallers();
    faultsOfProviders();
    poison();
    stack.awaitTrail("alice", "completed", 1);
    reads();
    queueIsDown();
    tableIsDown();
    breakerOpens();
  }

  private void modelReplies() {
    stack.model().script(_ -> ScriptedReply.text(REPLY));
  }

  /** Every route that calls a model, whole and streamed. */
  private void calls() throws Exception {
    for (String path : List.of("/chat", "/v1/chat/completions", "/v1/completions")) {
      assertThat(post(path, body(path, "")).status()).as(path).isEqualTo(200);
      stack.model().enqueue(stream(path));
      assertThat(post(path, body(path, STREAM)).answer()).as(path).contains(REPLY);
    }
    assertThat(post("/NONE/chat", body("/chat", "")).status()).isEqualTo(200);
    assertThat(
            post(
                    "/v1/embeddings",
                    "{\"model\":\"%s\",\"input\":\"%s\"}"
                        .formatted(RunningStack.EMBEDDING_MODEL, MESSAGE))
                .status())
        .isEqualTo(200);
    assertThat(get("/v1/models").status()).isEqualTo(200);
    disconnect();
  }

  private static ScriptedReply stream(String path) {
    var stream = ScriptedReply.stream("one ", REPLY);
    return path.equals("/v1/completions") ? stream.legacy() : stream;
  }

  private static String body(String path, String more) {
    return switch (path) {
      case "/chat" -> "{\"message\":\"%s\",\"user_id\":\"alice\"%s}".formatted(MESSAGE, more);
      case "/v1/completions" -> "{\"prompt\":\"%s\"%s}".formatted(MESSAGE, more);
      default ->
          "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"user\":\"%s\"%s}"
              .formatted(MESSAGE, ADDRESS, more);
    };
  }

  private static String text() {
    return "{\"text\":\"%s\",\"user_id\":\"alice\"}".formatted(MESSAGE);
  }

  /** A caller who leaves in the middle of a stream. */
  private void disconnect() {
    String[] words = "word ".repeat(300).splitWithDelimiters(" ", 0);
    stack.model().enqueue(ScriptedReply.stream(words).pieces(200, Duration.ofMillis(20)));
    String head = "Authorization: Bearer %s\r\n".formatted(CALLER_KEY);
    try (var caller =
        StreamingCaller.post(stack.stack().api(), "/chat", body("/chat", STREAM), head)) {
      assertThat(caller.event()).isPresent();
    }
    awaitEvent("response_broken");
  }

  private void faultsOfCallers() throws Exception {
    String malformed = "{\"message\":\"" + MESSAGE;
    for (String path : List.of("/chat", "/v1/chat/completions", "/analyze", "/summaries")) {
      for (String body :
          List.of(
              malformed,
              "\"" + MESSAGE + "\"",
              "{\"unknown\":\"%s %s\"}".formatted(MESSAGE, ADDRESS),
              "{\"message\":[\"%s\"],\"text\":{},\"texts\":\"%s\"}".formatted(MESSAGE, ADDRESS))) {
        assertThat(post(path, body).status()).as(path + body).isBetween(400, 499);
      }
      byte[] latin1 = (malformed + "\u00fc\"}").getBytes(StandardCharsets.ISO_8859_1);
      assertThat(send("latin1", request(path).POST(BodyPublishers.ofByteArray(latin1))).status())
          .isEqualTo(400);
    }
    String large = "{\"message\":\"%s\"}".formatted(MESSAGE.repeat(20_000));
    assertThat(post("/chat", large).status()).isBetween(400, 422);
    assertThat(post("/chat", large.repeat(16)).status()).isEqualTo(413);
    assertThat(get("/v1/models/unknown").status()).isEqualTo(404);
    assertThat(get("/audit?user_id=%s&unknown=%s".formatted(ADDRESS, MESSAGE)).status())
        .isBetween(400, 422);
    for (String authorization :
        List.of("Basic " + AUTHORIZATION, "Bearer sk-%s-of-nobody".formatted(AUTHORIZATION))) {
      var request =
          HttpRequest.newBuilder(uri("/chat"))
              .header("Authorization", authorization)
              .header("Cookie", COOKIE);
      assertThat(send("key", request.POST(BodyPublishers.ofString(body("/chat", "")))).status())
          .isEqualTo(401);
    }
  }

  /** A provider whose errors repeat what they were sent, and replies that break. */
  private void faultsOfProviders() throws Exception {
    for (int status : List.of(400, 401, 403, 404, 422, 429, 500)) {
      for (String path : List.of("/chat", "/v1/chat/completions")) {
        stack.model().enqueue(ScriptedReply.json(status, echo()));
        assertThat(post(path, body(path, "")).status()).as(path).isBetween(400, 599);
        healthy();
        stack.model().enqueue(ScriptedReply.json(status, echo()));
        assertThat(post(path, body(path, STREAM)).status()).as(path).isBetween(400, 599);
        healthy();
      }
      stack.model().script(_ -> ScriptedReply.json(status, echo()));
      post("/analyze", text());
      modelReplies();
      assertThat(post("/analyze", text()).status()).isEqualTo(200);
    }
    for (String broken : List.of("{\"choices\":\"%s", "<html>%s</html>", "{\"error\":\"%s\"}")) {
      stack.model().enqueue(ScriptedReply.json(200, broken.formatted(PROSE)));
      assertThat(post("/chat", body("/chat", "")).status()).isBetween(500, 599);
      healthy();
    }
    for (Ending ending : List.of(Ending.RESET, Ending.CLOSED)) {
      for (String path : List.of("/chat", "/v1/chat/completions")) {
        stack.model().enqueue(ScriptedReply.stream("one ", REPLY, "x").first(3).ending(ending));
        post(path, body(path, STREAM));
        healthy();
      }
    }
  }

  /** So that the circuit breaker stays closed. */
  private void healthy() {
    assertThat(post("/chat", body("/chat", "")).status()).isEqualTo(200);
  }

  private static String echo() {
    return """
    {"error":{"message":"Incorrect API key provided: %s. %s %s","type":"%s","param":"messages %s",\
    "code":"%s %s"}}\
    """
        .formatted(PROVIDER_KEY, PROSE, MESSAGE, PROSE + " " + MESSAGE, MESSAGE, PROSE, MESSAGE);
  }

  /** A message that is no record. */
  private void poison() {
    try (var sqs = Clients.sqs(stack.stack().sqs())) {
      String url = sqs.getQueueUrl(it -> it.queueName("AuditQueue")).queueUrl();
      sqs.sendMessage(
          it ->
              it.queueUrl(url)
                  .messageBody(
                      "{\"request_id\":\"%s %s\",\"%s\":1}".formatted(MESSAGE, ADDRESS, MESSAGE)));
    }
    awaitEvent("audit_message_failed");
  }

  /** Every filter and form of a read, and an erasure. */
  private void reads() throws Exception {
    JsonNode record = stack.awaitTrail("alice", "completed", 1).getFirst();
    for (String query :
        List.of(
            "user_id=alice",
            "user_id=" + ADDRESS,
            "identity=alice",
            "model=scripted",
            "status=200",
            "error=model-rejected",
            "request_id=" + record.path("request_id").asText(),
            "phase=incomplete",
            "from=2026-01-01&limit=1",
            "audit_id=%s&content=true".formatted(record.path("audit_id").asText()))) {
      assertThat(get("/audit?" + query).status()).as(query).isEqualTo(200);
    }
    assertThat(get("/audit/summary?user_id=alice").status()).isEqualTo(200);
    for (String form : List.of("application/jsonl", "text/csv")) {
      assertThat(send(form, request("/audit").header("Accept", form)).status()).isEqualTo(200);
    }
    assertThat(
            send("chain", request("/audit/chain").header("Accept", "application/jsonl")).status())
        .isEqualTo(200);
    var erased = erase("alice");
    assertThat(erased.answer()).containsPattern("\"erased\":[1-9]");
  }

  private Exchange erase(String user) throws IOException, InterruptedException {
    return send("erase", request("/audit?user_id=" + user).DELETE());
  }

  private void queueIsDown() throws Exception {
    recorded.queue().down();
    for (String path : List.of("/chat", "/NONE/chat")) {
      assertThat(post(path, body("/chat", "")).status()).isEqualTo(200);
      stack.model().enqueue(ScriptedReply.stream("one ", REPLY));
      assertThat(post(path, body("/chat", STREAM)).answer()).contains(REPLY);
    }
    assertThat(post("/analyze", text()).status()).isEqualTo(200);
    recorded.queue().up();
  }

  private void tableIsDown() throws Exception {
    recorded.table().down();
    var chat = post("/chat", body("/chat", ""));
    assertThat(chat.status()).isEqualTo(200);
    assertThat(get("/audit?user_id=" + ADDRESS).status()).isEqualTo(503);
    assertThat(erase(ADDRESS).status()).isEqualTo(503);
    RunningStack.await(
        "its message fails", SOON, () -> count("audit_message_failed", chat.requestId()) > 0);
    recorded.table().up();
  }

  private void breakerOpens() {
    stack.model().script(_ -> ScriptedReply.status(503));
    RunningStack.await(
        "the circuit breaker opens",
        SOON,
        () -> {
          // It has no time to wait for the breaker's next probe.
          post("/chat", body("/chat", ""), "x-request-timeout-ms", "1500");
          return count("model_call_skipped") > 0;
        });
  }

  private void awaitEvent(String event) {
    RunningStack.await(event, SOON, () -> count(event) > 0);
  }

  private long count(String event) {
    return count(event, "");
  }

  /** The lines of an event that contain a text too. */
  private long count(String event, String text) {
    String member = "\"event\":\"" + event + "\"";
    return lines().stream()
        .map(RunningStack.FunctionLine::text)
        .filter(line -> line.contains(member) && line.contains(text))
        .count();
  }

  private Exchange get(String path) throws IOException, InterruptedException {
    return send(path, request(path));
  }

  private Exchange post(String path, String body, String... headers) {
    try {
      var request = request(path).POST(BodyPublishers.ofString(body));
      return send(path, headers.length == 0 ? request : request.headers(headers));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + CALLER_KEY)
        .header("Cookie", COOKIE);
  }

  private URI uri(String path) {
    return URI.create(stack.stack().api() + path);
  }

  /** Every second request is traced by W3C's header, the others by X-Ray's. */
  private Exchange send(String name, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    int number = exchanges.size();
    boolean w3c = number % 2 == 0;
    String trace = w3c ? "%032x".formatted(number + 1) : "1-6a000000-%024x".formatted(number);
    if (w3c) {
      request.header("traceparent", "00-%s-00f067aa0ba902b7-01".formatted(trace));
    } else {
      request.header("X-Amzn-Trace-Id", "Root=" + trace);
    }
    exchanges.add(exchange(name, trace, request.build()));
    return exchanges.getLast();
  }

  private Exchange exchange(String name, String trace, HttpRequest request)
      throws IOException, InterruptedException {
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      return new Exchange(
          name,
          trace,
          response.statusCode(),
          response.headers().firstValue("X-Request-Id").orElse(""),
          response.headers().map() + "\n" + response.body());
    } catch (IOException e) {
      // The stream was cut.
      return new Exchange(name, trace, 0, "", "");
    }
  }
}
