package dev.skein.local;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.faults.ScriptedModel;
import dev.skein.local.console.StackConsole;
import dev.skein.local.openapi.OpenApi;
import dev.skein.local.services.Clients;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.TemplateReader;
import dev.skein.local.testing.BorrowedParts;
import dev.skein.local.testing.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The whole service on free ports, from the real template or an edited copy of it, with a scripted
 * model; and the ways in which a test looks at it.
 */
final class RunningStack implements AutoCloseable {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final String EMBEDDING_MODEL = "text-embedding-3-small";
  static final String KEY = "sk-canary-of-the-key";

  private static final ApiLimits NO_LIMITS =
      new ApiLimits(Optional.empty(), Optional.empty(), List.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ScriptedModel model;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final List<FunctionLine> functionLines = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Optional<BorrowedParts> parts;
  private final LocalStack stack;

  private RunningStack(
      ScriptedModel model, Path template, LocalSettings settings, Map<String, String> variables) {
    this(model, TemplateReader.read(template), settings, variables);
  }

  private RunningStack(
      ScriptedModel model,
      Deployment deployment,
      LocalSettings settings,
      Map<String, String> variables) {
    this.model = model;
    var shell = new HashMap<>(variables);
    shell.putIfAbsent("OPENAI_API_KEY", KEY);
    shell.putIfAbsent("OPENAI_EMBEDDING_MODELS", EMBEDDING_MODEL);
    var console =
        StackConsole.to(
            new PrintStream(output, true, StandardCharsets.UTF_8),
            (function, line) -> functionLines.add(new FunctionLine(function, line)));
    this.parts =
        shell.containsKey("AWS_ENDPOINT_URL_SQS")
            ? Optional.empty()
            : Optional.of(BorrowedParts.borrow());
    parts.ifPresent(it -> shell.putAll(it.variables()));
    try {
      this.stack = LocalStack.start(settings, deployment, ROOT, shell, console);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /**
   * Enough time for a record on a machine that does ten things at once: else it would go to the
   * alternate sink, as it should, and the table could not be counted.
   */
  static Map<String, String> patientAudit() {
    return Map.of(
        "AUDIT_TIMEOUT_MS", "10000", "DEADLINE_RESERVE_MS", "12000", "LLM_MAX_RETRIES", "0");
  }

  /** As the template says, with servers of its own for the queue and the table. */
  static RunningStack withOwnParts(LocalSettings settings, Map<String, String> variables) {
    var shell = new HashMap<>(variables);
    shell.putAll(Map.of("AWS_ENDPOINT_URL_SQS", "", "AWS_ENDPOINT_URL_DYNAMODB", ""));
    return start(settings, shell);
  }

  /** As the template says; the variables are the person's shell. */
  static RunningStack start(LocalSettings settings, Map<String, String> variables) {
    return start(settings, _ -> variables);
  }

  /** As the template says; the variables are the person's shell, who knows the model's address. */
  static RunningStack start(
      LocalSettings settings, Function<ScriptedModel, Map<String, String>> variables) {
    var model = ScriptedModel.start();
    var shell = new HashMap<>(variables.apply(model));
    shell.put("OPENAI_BASE_URL", model.baseUrl().toString());
    return new RunningStack(model, ROOT.resolve("template.yaml"), settings, shell);
  }

  /**
   * As an edited copy says, in which the chat function is there once more, as ChatFunctionNONE with
   * paths that begin with /NONE and a trail without texts, and no limits for callers.
   */
  static RunningStack withoutContentToo(
      Path folder,
      LocalSettings settings,
      Map<String, String> replacements,
      Map<String, String> variables) {
    var model = ScriptedModel.start();
    var shell = new HashMap<>(variables);
    shell.put("OPENAI_BASE_URL", model.baseUrl().toString());
    String text = edit(template(), replacements);
    String chat = chatFunction(text);
    String none =
        chat.replace("ChatFunction:", "ChatFunctionNONE:")
            .replace("Path: /", "Path: /NONE/")
            .replace("AUDIT_CONTENT: !Ref AuditContent", "AUDIT_CONTENT: none");
    Deployment all = TemplateReader.read(copy(folder, text.replace(chat, chat + none)));
    return new RunningStack(model, limited(all, NO_LIMITS), settings, shell);
  }

  private static String chatFunction(String template) {
    return template.substring(
        template.indexOf("  ChatFunction:"), template.indexOf("  AnalyzeFunction:"));
  }

  /** As the template says, but with these limits for callers. */
  static RunningStack limited(
      LocalSettings settings, Map<String, String> variables, ApiLimits limits) {
    var model = ScriptedModel.start();
    var shell = new HashMap<>(variables);
    shell.put("OPENAI_BASE_URL", model.baseUrl().toString());
    Deployment all = TemplateReader.read(ROOT.resolve("template.yaml"));
    return new RunningStack(model, limited(all, limits), settings, shell);
  }

  private static Deployment limited(Deployment all, ApiLimits limits) {
    return new Deployment(
        all.functions(), all.queues(), all.tables(), all.gatewayResponses(), limits);
  }

  /** As a copy of the template says, in which every text was replaced; each must be there. */
  static RunningStack edited(Path folder, Map<String, String> replacements) {
    var model = ScriptedModel.start();
    var shell = Map.of("OPENAI_BASE_URL", model.baseUrl().toString());
    var copy = copy(folder, edit(template(), replacements));
    return new RunningStack(model, copy, FreePorts.settings(Map.of()), shell);
  }

  /**
   * As an edited copy says, in which the chat function is there once more for each of the places,
   * whose name its path begins with; there it asks the provider for whole replies.
   */
  static RunningStack withPlaces(
      Path folder,
      LocalSettings settings,
      Map<String, String> replacements,
      Function<ScriptedModel, Map<String, URI>> places) {
    var model = ScriptedModel.start();
    String text = edit(template(), replacements);
    String chat = chatFunction(text);
    int to = text.indexOf("  AnalyzeFunction:");
    var more = new StringBuilder();
    places
        .apply(model)
        .forEach(
            (name, url) ->
                more.append(
                    chat.replace("ChatFunction:", "ChatFunction" + name + ":")
                        .replace("Path: /", "Path: /" + name + "/")
                        .replace("LLM_STREAMING: \"on\"", "LLM_STREAMING: \"off\"")
                        .replace("!Ref OpenAiBaseUrl", url.toString())));
    text = text.substring(0, to) + more + text.substring(to);
    text = text.replace("!Ref OpenAiBaseUrl", model.baseUrl().toString());
    return new RunningStack(model, copy(folder, text), settings, Map.of());
  }

  private static String template() {
    try {
      return Files.readString(ROOT.resolve("template.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String edit(String text, Map<String, String> replacements) {
    for (var replacement : replacements.entrySet()) {
      assertThat(text).contains(replacement.getKey());
      text = text.replace(replacement.getKey(), replacement.getValue());
    }
    return text;
  }

  private static Path copy(Path folder, String text) {
    try {
      // A CodeUri is relative to its template.
      return Files.writeString(
          folder.resolve("template.yaml"), text.replace("CodeUri: ", "CodeUri: " + ROOT + "/"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ScriptedModel model() {
    return model;
  }

  LocalStack stack() {
    return stack;
  }

  /** A line of a function's output. */
  record FunctionLine(String function, String text) {}

  /** Everything that the functions have written so far. */
  List<FunctionLine> functionLines() {
    return List.copyOf(functionLines);
  }

  /** Everything that a person saw so far. */
  String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** What of it tells that something went wrong: for the message of a failed assertion. */
  String problems() {
    return output()
        .lines()
        .filter(
            line ->
                line.contains(" ! ")
                    || line.contains("audit_alternate")
                    || line.contains("none deleted"))
        .collect(joining("\n"));
  }

  record Reply(int status, Map<String, List<String>> headers, JsonNode body) {}

  Reply post(String path, String body) {
    return postAsync(path, body).join();
  }

  /** As {@link #post}, with one more header. */
  Reply post(String path, String body, String header, String value) {
    return post(path, body.getBytes(StandardCharsets.UTF_8), header, value);
  }

  /** As {@link #post}, with this API key and a cookie. */
  Reply postAs(String key, String path, String body, String cookie) {
    return send(HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + key)
            .header("Cookie", cookie)
            .POST(BodyPublishers.ofString(body))
            .build())
        .join();
  }

  /** As {@link #post}, of any bytes. */
  Reply post(String path, byte[] body, String header, String value) {
    return send(HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .header(header, value)
            .POST(BodyPublishers.ofByteArray(body))
            .build())
        .join();
  }

  CompletableFuture<Reply> postAsync(String path, String body) {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  Reply get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).build()).join();
  }

  Reply call(String method, String path) {
    return send(HttpRequest.newBuilder(uri(path)).method(method, BodyPublishers.noBody()).build())
        .join();
  }

  private URI uri(String path) {
    return URI.create(stack.api() + path);
  }

  private CompletableFuture<Reply> send(HttpRequest request) {
    return http.sendAsync(request, BodyHandlers.ofString()).thenApply(RunningStack::reply);
  }

  /** Whatever a test looks at, every response is as the OpenAPI document says. */
  private static Reply reply(HttpResponse<String> response) {
    assertThat(
            OpenApi.differences(
                response.request().method(),
                response.uri().getPath(),
                response.statusCode(),
                response.headers().firstValue("content-type").orElse(""),
                response.body()))
        .as(response.toString())
        .isEmpty();
    return new Reply(response.statusCode(), response.headers().map(), json(response.body()));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A user's records, newest first, once so many of this phase are there. */
  List<JsonNode> awaitTrail(String userId, String phase, int count) {
    var records = new ArrayList<JsonNode>();
    await(
        count + " " + phase + " records of " + userId,
        Duration.ofSeconds(60),
        () -> {
          records.clear();
          for (var record : get("/audit?limit=100&user_id=" + userId).body().path("records")) {
            if (record.get("phase").textValue().equals(phase)) {
              records.add(record);
            }
          }
          return records.size() >= count;
        });
    return records;
  }

  /** All that the table holds. */
  String table() {
    try (var dynamo = Clients.dynamoDb(stack.dynamoDb())) {
      return dynamo
          .scanPaginator(scan -> scan.tableName("AuditTable").consistentRead(true))
          .items()
          .stream()
          .map(Object::toString)
          .collect(joining("\n"));
    }
  }

  /** How many items of this phase the table holds, counted by reading it, not by the API. */
  long itemsInTheTable(String userId, String phase) {
    try (var dynamo = Clients.dynamoDb(stack.dynamoDb())) {
      return dynamo
          .scanPaginator(
              scan ->
                  scan.tableName("AuditTable")
                      .consistentRead(true)
                      .filterExpression("user_id = :user AND phase = :phase")
                      .expressionAttributeValues(
                          Map.of(
                              ":user", AttributeValue.fromS(userId),
                              ":phase", AttributeValue.fromS(phase))))
          .items()
          .stream()
          .count();
    }
  }

  /** The completed records in the table, by user; one for each is expected. */
  Map<String, JsonNode> completedRecords() {
    try (var dynamo = Clients.dynamoDb(stack.dynamoDb())) {
      var records = new HashMap<String, JsonNode>();
      dynamo
          .scanPaginator(
              scan ->
                  scan.tableName("AuditTable")
                      .consistentRead(true)
                      .filterExpression("phase = :phase")
                      .expressionAttributeValues(
                          Map.of(":phase", AttributeValue.fromS("completed"))))
          .items()
          .forEach(item -> records.put(requireNonNull(item.get("user_id")).s(), json(item)));
      return records;
    }
  }

  private static JsonNode json(Map<String, AttributeValue> item) {
    var record = JSON.createObjectNode();
    record.put("status", Integer.parseInt(requireNonNull(item.get("status")).n()));
    record.put("attempts", Integer.parseInt(requireNonNull(item.get("attempts")).n()));
    record.put("error", requireNonNull(item.get("error")).s());
    return record;
  }

  /** Looks again and again until it is so; fails with {@code what} when it is not in time. */
  static void await(String what, Duration max, BooleanSupplier condition) {
    long end = System.nanoTime() + max.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still waiting for " + what).isLessThan(end);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    stack.close();
    parts.ifPresent(BorrowedParts::close);
    http.shutdownNow();
    model.close();
  }
}
