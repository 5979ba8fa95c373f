package dev.skein.local.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The OpenAPI document, as the tests hold it against the code. Thread-safe. */
public final class OpenApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADDRESS = "https://openapi.invalid/document";
  private static final List<String> METHODS =
      List.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  private static final Path FILE =
      Path.of("..", "functions/docs/src/main/resources/dev/skein/functions/docs/openapi.json")
          .toAbsolutePath()
          .normalize();

  /** Read once; not to be modified. */
  public static final JsonNode DOCUMENT = read();

  /** As the document says. */
  private static final SchemaRegistry AS_WRITTEN = registry(DOCUMENT);

  /** As the document says, and without members that it does not name. */
  private static final SchemaRegistry CLOSED = registry(closed());

  private OpenApi() {}

  /**
   * One operation of the document.
   *
   * @param method upper case
   * @param path as the document has it
   */
  record Operation(String method, String path, JsonNode json) {
    String pointer() {
      return "/paths/" + escaped(path) + "/" + method.toLowerCase(Locale.ROOT);
    }
  }

  static List<Operation> operations() {
    var operations = new ArrayList<Operation>();
    DOCUMENT
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        member -> {
                          if (METHODS.contains(member.getKey())) {
                            operations.add(
                                new Operation(
                                    member.getKey().toUpperCase(Locale.ROOT),
                                    path.getKey(),
                                    member.getValue()));
                          }
                        }));
    return operations;
  }

  /**
   * The operation of the most specific path that matches a request's, whose trailing slash is
   * ignored; empty if that path does not have the method.
   */
  static Optional<Operation> operation(String method, String path) {
    String requested = path.replaceAll("(?<=.)/$", "");
    return operations().stream()
        .filter(it -> requested.matches(pattern(it.path())))
        .max(
            Comparator.<Operation>comparingInt(it -> it.path().replaceAll("\\{.*", "").length())
                .thenComparing(it -> it.method().equals(method)))
        .filter(it -> it.method().equals(method));
  }

  private static String pattern(String path) {
    return path.replace(".", "\\.").replaceAll("\\{\\w+}", ".+");
  }

  /** The node, or what it refers to. */
  public static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? resolve(DOCUMENT.at(node.path("$ref").asText().substring(1))) : node;
  }

  /** Why a value is not valid under the schema at a JSON pointer into the document. */
  public static List<String> violations(String pointer, JsonNode value) {
    return violations(AS_WRITTEN, pointer, value);
  }

  /** As {@link #violations}, where a member that the document does not name is one too. */
  static List<String> violationsOfClosed(String pointer, JsonNode value) {
    return violations(CLOSED, pointer, value);
  }

  private static List<String> violations(SchemaRegistry registry, String pointer, JsonNode value) {
    return registry.getSchema(SchemaLocation.of(ADDRESS + "#" + pointer)).validate(value).stream()
        .map(Error::toString)
        .toList();
  }

  /**
   * How a response differs from the document; empty if it does not, or if the document has no such
   * operation.
   *
   * @param path without the query
   * @param contentType empty if there is none
   */
  public static List<String> differences(
      String method, String path, int status, String contentType, String body) {
    var operation = operation(method, path);
    if (operation.isEmpty()) {
      return List.of();
    }
    String pointer = operation.get().pointer() + "/responses/" + status;
    JsonNode response = DOCUMENT.at(pointer);
    if (response.isMissingNode()) {
      pointer = operation.get().pointer() + "/responses/default";
      response = DOCUMENT.at(pointer);
    }
    if (response.isMissingNode()) {
      return List.of("the status " + status + " is not documented");
    }
    if (response.has("$ref")) {
      pointer = response.path("$ref").asText().substring(1);
    }
    String type = contentType.split(";", 2)[0];
    JsonNode content = resolve(response).path("content");
    if (!content.has(type)) {
      boolean none = content.isMissingNode() && body.isEmpty();
      return none ? List.of() : List.of("the content type " + type + " is not documented");
    }
    return type.endsWith("json") && !type.startsWith("application/x-")
        ? violationsOfClosed(pointer + "/content/" + escaped(type) + "/schema", parse(body))
        : List.of();
  }

  public static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A key as a part of a JSON pointer. */
  static String escaped(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }

  private static JsonNode read() {
    try {
      return JSON.readTree(Files.readString(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SchemaRegistry registry(JsonNode document) {
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        builder ->
            builder
                .schemas(Map.of(ADDRESS, document.toString()))
                .schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  }

  private static JsonNode closed() {
    JsonNode document = DOCUMENT.deepCopy();
    close(document.at("/components/schemas"));
    return document;
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode schema
        && schema.path("properties") instanceof ObjectNode
        && schema.path("additionalProperties") instanceof MissingNode) {
      schema.put("additionalProperties", false);
    }
    node.forEach(OpenApi::close);
  }
}
