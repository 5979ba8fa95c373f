package dev.skein.local.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.audit.AuditField;
import dev.skein.local.openapi.OpenApi.Operation;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.TemplateReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The OpenAPI document agrees with the template, the code, the sample events and the pages. */
class OpenApiTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** What an erasure adds to an item of the table: no field of a record that is sent. */
  private static final Set<String> OF_AN_ERASURE = Set.of("erased_at", "content_sha256");

  private final Deployment deployment = TemplateReader.read(ROOT.resolve("template.yaml"));

  @Test
  void everyRouteOfTheTemplateIsInTheDocumentAndViceVersa() {
    var inTemplate =
        routes().map(route -> route.path().replace("+}", "}")).collect(Collectors.toSet());
    var preflights =
        routes()
            .filter(route -> route.method().equals("OPTIONS"))
            .map(route -> route.path().replace("+}", "}"))
            .collect(Collectors.toSet());

    assertThat(inTemplate).hasSizeGreaterThan(10);
    assertThat(OpenApi.operations().stream().map(Operation::path).collect(Collectors.toSet()))
        .isEqualTo(inTemplate);
    assertThat(paths("OPTIONS")).isEqualTo(preflights);
  }

  /** Those of any method are held to the code by the bounds test, which asks for Allow. */
  @Test
  void everyRouteOfOneMethodHasThatMethodInTheDocument() {
    assertThat(routes().filter(route -> !route.method().equals("ANY")))
        .isNotEmpty()
        .allMatch(route -> paths(route.method()).contains(route.path().replace("+}", "}")));
  }

  @Test
  void everyRouteRequiresTheCredentialsThatTheTemplateDemands() {
    for (Operation operation : OpenApi.operations()) {
      Route route = route(operation);
      String scheme = route.iam() ? "iam" : "apiKey";
      JsonNode security =
          operation.json().has("security")
              ? operation.json().path("security")
              : OpenApi.DOCUMENT.path("security");

      if (route.open() && !route.iam()) {
        assertThat(security).as(operation.pointer()).isEmpty();
      } else {
        assertThat(security.findValues(scheme)).as(operation.pointer()).hasSize(1);
      }
    }
  }

  @Test
  void theVersionIsTheProjects() {
    assertThat(
            find("<version>(.*)-SNAPSHOT</version>", "pom.xml").findFirst().orElseThrow().group(1))
        .isEqualTo(OpenApi.DOCUMENT.at("/info/version").asText());
  }

  @Test
  void everyReferenceLeadsSomewhereAndEveryComponentIsReferredTo() {
    var references = new TreeSet<String>();
    visit(
        OpenApi.DOCUMENT,
        node -> {
          if (node.has("$ref")) {
            references.add(node.path("$ref").asText());
          }
        });

    assertThat(references).hasSizeGreaterThan(50);
    assertThat(references).allMatch(it -> !OpenApi.DOCUMENT.at(it.substring(1)).isMissingNode());
    for (String kind : List.of("parameters", "headers", "responses", "schemas")) {
      OpenApi.DOCUMENT
          .path("components")
          .path(kind)
          .propertyStream()
          .map(it -> "#/components/" + kind + "/" + it.getKey())
          .filter(it -> !it.endsWith("/ChainLink")) // a line of an export
          .forEach(it -> assertThat(references).contains(it));
    }
  }

  @Test
  void everyExampleIsValid() {
    int[] examples = {0};
    visitMedia(
        (pointer, media) -> {
          for (var example : media.path("examples").properties()) {
            examples[0]++;
            JsonNode value = example.getValue().path("value");
            assertThat(
                    pointer.endsWith("event-stream")
                        ? problemsOfStream(value.asText())
                        : OpenApi.violationsOfClosed(pointer + "/schema", value))
                .as(pointer + " " + example.getKey())
                .isEmpty();
          }
        });

    assertThat(examples[0]).isGreaterThan(30);
  }

  /** Each row of the pages is itself held to the code and to the template. */
  @Test
  void theProblemsAreThoseOfTheCodeAndOfTheTemplateWithTheirStatuses() {
    var own = new TreeSet<String>();
    var openAi = new TreeSet<String>();
    find("(?m)^\\| `([a-z-]+)` \\| (\\d+|—) \\| (\\d+|—) \\|", "docs/errors.md")
        .forEach(
            row -> {
              add(own, row.group(1), row.group(2));
              add(openAi, row.group(1).replace('-', '_'), row.group(3));
            });
    var gateway = new TreeSet<String>();
    find("(?m)^\\| `([a-z-]+)` \\| (\\d+) \\| [^|\\d—]", "docs/errors.md")
        .forEach(row -> add(gateway, row.group(1), row.group(2)));
    assertThat(own).hasSizeGreaterThan(15);
    assertThat(gateway).hasSizeGreaterThan(10);
    own.addAll(gateway);
    // Of the front doors only: their own bad requests are of the same type.
    openAi.removeIf(it -> it.matches("(export_too_large|not_acceptable).*"));

    assertThat(documentedTypes()).isEqualTo(own);
    assertThat(documentedCodes()).containsAll(openAi);
    assertThat(documentedCodes())
        .allMatch(it -> openAi.contains(it) || it.equals("context_length_exceeded 400"));
  }

  private static void add(Set<String> all, String name, String status) {
    if (!status.equals("—")) {
      all.add(name + " " + status);
    }
  }

  /** Each type of a problem document, with each status of a response that may have it. */
  private static Set<String> documentedTypes() {
    var types = new TreeSet<String>();
    forEachResponse(
        (status, response) ->
            response
                .at("/content/application~1problem+json/schema/allOf/1/properties/type/enum")
                .forEach(
                    type ->
                        types.add(type.asText().replace("urn:skein:problem:", "") + " " + status)));
    return types;
  }

  /** The code of each example of an OpenAI error, with each status of a response that has it. */
  private static Set<String> documentedCodes() {
    var codes = new TreeSet<String>();
    forEachResponse(
        (status, response) -> {
          JsonNode media = response.at("/content/application~1json");
          if (media.at("/schema/$ref").asText().endsWith("/OpenAiError")) {
            media
                .path("examples")
                .forEach(it -> codes.add(it.at("/value/error/code").asText() + " " + status));
          }
        });
    return codes;
  }

  @Test
  void everyResponseHasTheRequestsId() {
    forEachResponse(
        (_, response) ->
            assertThat(response.at("/headers/X-Request-Id/$ref").asText())
                .isEqualTo("#/components/headers/RequestId"));
  }

  @ParameterizedTest
  @CsvSource({
    "chat, ChatRequest",
    "chat-stream, ChatRequest",
    "completions, ChatCompletionRequest",
    "text-completions, CompletionRequest",
    "embeddings, EmbeddingRequest",
    "analyze, AnalyzeRequest",
    "summaries, SummariesRequest"
  })
  void theBodyOfASampleEventIsValid(String event, String schema) {
    JsonNode body = OpenApi.parse(event(event).path("body").asText());

    assertThat(OpenApi.violations("/components/schemas/" + schema, body)).isEmpty();
  }

  @Test
  void theBodyOfTheBadRequestIsNot() {
    JsonNode body = OpenApi.parse(event("bad-request").path("body").asText());

    assertThat(OpenApi.violations("/components/schemas/ChatRequest", body)).hasSize(2);
  }

  @Test
  void everySampleEventOfARouteIsOfADocumentedOperation() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("events"))) {
      var routes =
          files
              .map(file -> file.getFileName().toString().replace(".json", ""))
              .map(OpenApiTest::event)
              .filter(event -> event.has("httpMethod"))
              .toList();
      assertThat(routes).hasSizeGreaterThan(10);
      assertThat(routes)
          .allMatch(
              event ->
                  OpenApi.operation(event.path("httpMethod").asText(), event.path("path").asText())
                      .isPresent());
    }
  }

  /** The pages' outputs are those of the running service: another test runs the commands. */
  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/api.md", "docs/audit.md", "docs/errors.md"})
  void everyOutputOfAPageIsValid(String page) {
    int[] outputs = {0};
    find("(?m)^\\$ curl (.*)\n((?:(?!\\$ |```).*\n)*)", page)
        .forEach(
            it -> {
              String command = it.group(1);
              if (command.contains("http://127.0.0.1:8080/")) {
                outputs[0]++;
                assertThat(problems(command, it.group(2))).as(command).isEmpty();
              }
            });

    assertThat(outputs[0]).isPositive();
  }

  private static List<String> problems(String command, String output) {
    String path = command.replaceAll(".*http://127\\.0\\.0\\.1:8080(/[^ '?]*).*", "$1");
    String method =
        command.contains("-X DELETE") ? "DELETE" : command.contains(" -d ") ? "POST" : "GET";
    if (output.startsWith("event: ")) {
      return problemsOfStream(output);
    }
    JsonNode json = OpenApi.parse(output);
    boolean problem = json.path("type").asText().startsWith("urn:");
    int status =
        problem
            ? json.path("status").asInt()
            : !json.has("error")
                ? 200
                : json.at("/error/code").asText().equals("not_found") ? 404 : 400;
    return OpenApi.differences(
        method, path, status, problem ? "application/problem+json" : "application/json", output);
  }

  private static List<String> problemsOfStream(String output) {
    return Pattern.compile("event: (\\w+)\ndata: (.*(?:\n .*)*)")
        .matcher(output)
        .results()
        .flatMap(
            event ->
                OpenApi.violationsOfClosed(
                    "/components/schemas/"
                        + switch (event.group(1)) {
                          case "delta" -> "ChatDelta";
                          case "done" -> "ChatDone";
                          default -> "Problem";
                        },
                    OpenApi.parse(event.group(2)))
                    .stream())
        .toList();
  }

  @Test
  void theFieldsOfARecordAreThoseOfTheCodeInTheirOrder() {
    var documented = names("/components/schemas/AuditRecord/properties");
    String record = "/components/schemas/AuditRecord/properties";
    insert(documented, "discarded_cost_usd", "/components/schemas/CostBounds/properties");
    insert(documented, "calls", record + "/calls/properties");
    insert(documented, "tried", record + "/tried/items/properties");
    documented.removeAll(OF_AN_ERASURE);

    assertThat(documented).containsExactlyElementsOf(AuditField.names());
  }

  private static void insert(List<String> documented, String field, String members) {
    documented.addAll(documented.indexOf(field) + 1, names(members));
  }

  @Test
  void theFieldsOfALinkAreThoseOfThePage() {
    String page = read("docs/audit.md");
    var rows =
        Pattern.compile("(?m)^\\| (`[^|]*`) \\|")
            .matcher(page.substring(page.indexOf("| member |"), page.indexOf("A record's digest")))
            .results()
            .flatMap(row -> Pattern.compile("`(\\w+)`").matcher(row.group(1)).results())
            .map(name -> name.group(1))
            .toList();

    assertThat(names("/components/schemas/ChainLink/properties")).containsExactlyElementsOf(rows);
  }

  /** That each is rejected where it should be is what the bounds test sees. */
  @ParameterizedTest
  @CsvSource({
    "ChatRequest, chat/src/main/java/dev/skein/functions/chat/ChatHandler",
    "AnalyzeRequest, analyze/src/main/java/dev/skein/functions/analyze/AnalyzeHandler",
    "SummariesRequest, analyze/src/main/java/dev/skein/functions/analyze/SummariesHandler",
    "ChatCompletionRequest, chat/src/main/java/dev/skein/functions/chat/ChatCompletions",
    "CompletionRequest, chat/src/main/java/dev/skein/functions/chat/Completions",
    "EmbeddingRequest, chat/src/main/java/dev/skein/functions/chat/Embeddings"
  })
  void theFieldsOfARequestAreThoseThatItsHandlerReads(String schema, String handler) {
    var read = new TreeSet<String>();
    String fields =
        "body\\s*\\.(?:text|optionalText|texts|number|integer|choice|flag|objects|required)\\(\\s*\"(\\w+)\"";
    find(fields, "functions/" + handler + ".java").forEach(it -> read.add(it.group(1)));
    if (handler.endsWith("Handler")) {
      read.add("user_id");
    } else {
      // OpenAiHandler reads these for each of its routes.
      read.addAll(List.of("model", "stream", "user"));
    }

    assertThat(new TreeSet<>(names("/components/schemas/" + schema + "/properties")))
        .isEqualTo(read);
  }

  private Stream<Route> routes() {
    return deployment.functions().stream().flatMap(function -> function.routes().stream());
  }

  private Route route(Operation operation) {
    var atPath =
        routes().filter(route -> route.path().replace("+}", "}").equals(operation.path())).toList();
    return atPath.stream()
        .filter(route -> route.method().equals(operation.method()))
        .findFirst()
        .orElseGet(
            () ->
                atPath.stream()
                    .filter(route -> route.method().equals("ANY"))
                    .findFirst()
                    .orElseThrow());
  }

  private static Set<String> paths(String method) {
    return OpenApi.operations().stream()
        .filter(it -> it.method().equals(method.toUpperCase(Locale.ROOT)))
        .map(Operation::path)
        .collect(Collectors.toSet());
  }

  private static void forEachResponse(BiConsumer<String, JsonNode> each) {
    for (Operation operation : OpenApi.operations()) {
      operation
          .json()
          .path("responses")
          .properties()
          .forEach(it -> each.accept(it.getKey(), OpenApi.resolve(it.getValue())));
    }
  }

  private static void visitMedia(BiConsumer<String, JsonNode> each) {
    for (Operation operation : OpenApi.operations()) {
      visitContent(
          operation.pointer() + "/requestBody", operation.json().path("requestBody"), each);
      operation
          .json()
          .path("responses")
          .properties()
          .forEach(
              it ->
                  visitContent(
                      operation.pointer() + "/responses/" + it.getKey(), it.getValue(), each));
    }
    OpenApi.DOCUMENT
        .at("/components/responses")
        .properties()
        .forEach(it -> visitContent("/components/responses/" + it.getKey(), it.getValue(), each));
  }

  private static void visitContent(
      String pointer, JsonNode owner, BiConsumer<String, JsonNode> each) {
    owner
        .path("content")
        .properties()
        .forEach(
            it -> each.accept(pointer + "/content/" + OpenApi.escaped(it.getKey()), it.getValue()));
  }

  private static void visit(JsonNode node, Consumer<JsonNode> each) {
    each.accept(node);
    node.forEach(child -> visit(child, each));
  }

  private static List<String> names(String pointer) {
    var names = new ArrayList<String>();
    OpenApi.DOCUMENT.at(pointer).fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode event(String name) {
    return OpenApi.parse(read("events/" + name + ".json"));
  }

  private static Stream<MatchResult> find(String pattern, String file) {
    return Pattern.compile(pattern).matcher(read(file)).results();
  }

  private static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
