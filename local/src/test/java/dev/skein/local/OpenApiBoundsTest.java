package dev.skein.local;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmConfig;
import dev.skein.local.RunningStack.Reply;
import dev.skein.local.openapi.OpenApi;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The running service accepts exactly what the OpenAPI document says is valid: values at each bound
 * of the document and beyond it, of each type, are sent as each field and parameter.
 */
@ExtendWith(SharedStack.class)
@Timeout(120)
class OpenApiBoundsTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private final RunningStack world;

  OpenApiBoundsTest(RunningStack world) {
    this.world = world;
  }

  @BeforeEach
  void theModelAnswers() {
    world.model().script(_ -> ScriptedReply.text("well"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/chat | ChatRequest | {\"message\":\"x\"}",
        "/analyze | AnalyzeRequest | {\"text\":\"x\"}",
        "/summaries | SummariesRequest | {\"texts\":[\"x\"]}",
        "/v1/chat/completions | ChatCompletionRequest |"
            + " {\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        "/v1/completions | CompletionRequest | {\"prompt\":\"x\"}",
        "/v1/embeddings | EmbeddingRequest | {\"model\":\"text-embedding-3-small\",\"input\":\"x\"}"
      })
  void aFieldIsAcceptedIfTheDocumentSaysSo(String path, String schema, String minimal) {
    String pointer = "/components/schemas/" + schema;
    assertThat(OpenApi.violations(pointer, OpenApi.parse(minimal))).isEmpty();
    int rejected = 0;
    for (var property : OpenApi.DOCUMENT.at(pointer + "/properties").properties()) {
      String field = property.getKey();
      for (JsonNode value : candidates(OpenApi.resolve(property.getValue()))) {
        var body = (ObjectNode) OpenApi.parse(minimal);
        body.set(field, value);
        rejected += send(path, field, body, OpenApi.violations(pointer, body).isEmpty()) ? 0 : 1;
      }
      var without = (ObjectNode) OpenApi.parse(minimal);
      without.remove(field);
      var _ = send(path, field, without, OpenApi.violations(pointer, without).isEmpty());
    }
    var unknown = ((ObjectNode) OpenApi.parse(minimal)).put("colour", "blue");
    var _ = send(path, "colour", unknown, OpenApi.violations(pointer, unknown).isEmpty());

    assertThat(rejected).isGreaterThan(10);
  }

  /** Whether the document says that the body is valid, which the service must agree with. */
  private boolean send(String path, String field, ObjectNode body, boolean valid) {
    // Which models there are is a setting, so the document cannot say it. A stream is no JSON.
    boolean unknownModel = body.path("model").isTextual() && !model(path).equals(model(body));
    if (valid && (unknownModel || body.path("stream").asBoolean())) {
      return true;
    }
    Reply reply = world.post(path, body.toString());
    assertThat(rejects(reply, field))
        .as("%s %s: %s", path, shown(body), reply.body())
        .isEqualTo(!valid);
    return valid;
  }

  private static String model(ObjectNode body) {
    return body.path("model").asText();
  }

  private static String model(String path) {
    return path.endsWith("/embeddings") ? RunningStack.EMBEDDING_MODEL : LlmConfig.DEFAULT_MODEL;
  }

  /** A problem lists the field, and maybe one of its items; an OpenAI error names it. */
  private static boolean rejects(Reply reply, String field) {
    if (reply.status() == 422) {
      assertThat(reply.body().path("type").asText()).endsWith(":invalid-request");
      assertThat(reply.body().path("errors"))
          .allMatch(error -> error.path("pointer").asText().matches("/" + field + "(/\\d+)?"));
      return true;
    }
    if (reply.status() == 400) {
      assertThat(reply.body().at("/error/code").asText()).isEqualTo("invalid_request");
      assertThat(reply.body().at("/error/param").asText()).isEqualTo(field);
      return true;
    }
    // The scripted model has one vector for whatever it is sent, which is a malformed reply to two.
    assertThat(reply.status()).as(reply.body().toString()).isIn(200, 502);
    return false;
  }

  /** Values of every type, and those at the bounds of the schema and beyond them. */
  private static List<JsonNode> candidates(JsonNode schema) {
    var values = new ArrayList<JsonNode>();
    values.addAll(
        List.of(
            NODES.nullNode(),
            NODES.booleanNode(true),
            NODES.numberNode(0.5),
            NODES.textNode(""),
            NODES.textNode(" \t\u2003"),
            NODES.textNode("\u00a0"),
            NODES.textNode("x"),
            NODES.objectNode(),
            NODES.arrayNode(),
            NODES.arrayNode().add("x"),
            NODES.arrayNode().add("x").add("x"),
            NODES.arrayNode().add(" "),
            NODES.arrayNode().add(1).add(2),
            NODES.arrayNode().add(NODES.objectNode()),
            NODES.textNode(LlmConfig.DEFAULT_MODEL)));
    for (int number : List.of(-1, 0, 1, 2, 3)) {
      values.add(NODES.numberNode(number));
    }
    for (String bound : List.of("minimum", "maximum")) {
      if (schema.has(bound)) {
        int limit = schema.path(bound).intValue();
        Stream.of(limit - 1, limit, limit + 1).map(NODES::numberNode).forEach(values::add);
        values.add(NODES.numberNode(limit + 0.001));
      }
    }
    if (schema.has("maxLength")) {
      int limit = schema.path("maxLength").intValue();
      values.add(NODES.textNode("\ud83e\udebf".repeat(limit)));
      values.add(NODES.textNode("x".repeat(limit + 1)));
    }
    if (schema.has("maxItems")) {
      int limit = schema.path("maxItems").intValue();
      values.add(texts("x", limit));
      values.add(texts("x", limit + 1));
      int length = OpenApi.resolve(schema.path("items")).path("maxLength").asInt(1);
      values.add(NODES.arrayNode().add("x".repeat(length)));
      values.add(NODES.arrayNode().add("x".repeat(length + 1)));
    }
    schema.path("enum").forEach(values::add);
    return values;
  }

  private static JsonNode texts(String text, int count) {
    var texts = NODES.arrayNode();
    for (int i = 0; i < count; i++) {
      texts.add(text);
    }
    return texts;
  }

  private static String shown(ObjectNode body) {
    String text = body.toString();
    return text.length() < 300 ? text : text.substring(0, 300) + "...";
  }

  @Test
  void theTimeoutHeaderIsAcceptedIfTheDocumentSaysSo() {
    String pointer = "/components/parameters/RequestTimeout/schema";
    for (String path : List.of("/chat", "/v1/chat/completions")) {
      String body =
          "{\"message\":\"x\",\"messages\":[{}]}"
              .replace(path.equals("/chat") ? ",\"messages\":[{}]" : "\"message\":\"x\",", "");
      for (String value : List.of("-1", "0", "899999", "900000", "900001", "x", "0.5")) {
        int status = world.post(path, body, "X-Request-Timeout-Ms", value).status();

        assertThat(status == 200)
            .as(path + " " + value + " " + status)
            .isEqualTo(OpenApi.violations(pointer, parameter(pointer, value)).isEmpty());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE"})
  void aParameterIsAcceptedIfTheDocumentSaysSo(String method) {
    String pointer = "/paths/~1audit/" + method.toLowerCase(Locale.ROOT) + "/parameters";
    JsonNode parameters = OpenApi.DOCUMENT.at(pointer);
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.path(i).path("name").asText();
      for (String value : values(parameters.path(i).path("schema"))) {
        String schema = pointer + "/" + i + "/schema";
        boolean valid = OpenApi.violations(schema, parameter(schema, value)).isEmpty();
        // Which cursors are valid is known only to the service.
        if (!name.equals("cursor")) {
          Reply reply = world.call(method, query(method, name, value));
          assertThat(reply.status())
              .as(method + " " + name + "=" + value + ": " + reply.body())
              .isEqualTo(valid ? 200 : 422);
        }
      }
    }
    assertThat(world.call(method, query(method, "colour", "blue")).status()).isEqualTo(422);
    assertThat(world.call("DELETE", "/audit").status()).as("user_id is required").isEqualTo(422);
    assertThat(world.get("/audit/chain?colour=blue").status()).isEqualTo(422);
  }

  private static String query(String method, String name, String value) {
    String parameter = name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    String other =
        switch (name) {
          case "content" -> "&audit_id=x";
          case "colour" -> method.equals("DELETE") ? "&user_id=x" : "";
          default -> "";
        };
    return "/audit?" + parameter + other;
  }

  /** A text that is a number is one where the document wants a number. */
  private static JsonNode parameter(String schema, String value) {
    if (OpenApi.DOCUMENT.at(schema).path("type").asText().equals("string")
        || !value.matches("-?\\d{1,10}(\\.\\d+)?")) {
      return TextNode.valueOf(value);
    }
    return value.contains(".")
        ? NODES.numberNode(Double.parseDouble(value))
        : NODES.numberNode(Long.parseLong(value));
  }

  private static Set<String> values(JsonNode schema) {
    var values =
        new TreeSet<>(
            List.of(
                "",
                "x",
                "yes",
                "true",
                "false",
                "incomplete",
                "2026-01-31",
                "2026-02-30",
                "2026-01-31T12:00:00Z",
                "2026-01-31T12:00:00.123+01:00",
                "2026-01-31T25:00:00Z"));
    if (schema.path("type").asText().equals("integer")) {
      values.addAll(List.of("-1", "0", "1", "100", "0.5"));
    } else if (schema.has("pattern")) {
      values.addAll(List.of("100", "599", "600", "099", "99x", "1000 ", "-200"));
    }
    int limit = schema.path("maxLength").asInt(0);
    if (limit > 0) {
      values.add("x".repeat(limit));
      values.add("x".repeat(limit + 1));
    }
    return values;
  }

  @Test
  void theMethodsOfEachPathAreThoseThatTheServiceAllows() {
    for (String path : paths()) {
      String requested = path.replaceAll("\\{\\w+}", "goose");
      Reply reply = world.call("PUT", requested);
      // At /v1 and below it, what is no route is a 404 whatever the method is.
      if (reply.status() != 404) {
        assertThat(reply.status()).as(path).isEqualTo(405);
        var allowed =
            Stream.of(requireNonNull(reply.headers().get("allow")).getFirst().split(", ", -1));

        assertThat(methods(path))
            .as(path)
            .isEqualTo(
                allowed.filter(it -> !it.equals("HEAD")).collect(toCollection(TreeSet::new)));
      }
    }
  }

  private static Set<String> paths() {
    var paths = new TreeSet<String>();
    OpenApi.DOCUMENT.path("paths").fieldNames().forEachRemaining(paths::add);
    return paths;
  }

  private static Set<String> methods(String path) {
    var methods = new TreeSet<String>();
    OpenApi.DOCUMENT
        .path("paths")
        .path(path)
        .fieldNames()
        .forEachRemaining(it -> methods.add(it.toUpperCase(Locale.ROOT)));
    methods.removeAll(List.of("OPTIONS", "PARAMETERS"));
    return methods;
  }
}
