package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The functions that a request offers to the model.
 *
 * @param choice the request's {@code tool_choice}, which may be missing
 * @param parallel whether several may be called at a time; {@code parallel_tool_calls}
 */
record Tools(List<Function> offered, JsonNode choice, boolean parallel) {

  Tools {
    offered = List.copyOf(offered);
  }

  /**
   * @param parameters its JSON Schema, which may be missing
   */
  record Function(String name, JsonNode parameters) {

    /** The arguments of the call: a JSON object. */
    String arguments() {
      JsonNode value = SchemaInstance.of(parameters);
      return value.isObject() ? value.toString() : "{}";
    }
  }

  /**
   * @throws ApiException if a tool or the choice is invalid
   */
  static Tools of(JsonNode request) {
    var offered = new ArrayList<Function>();
    for (JsonNode tool : request.path("tools")) {
      JsonNode function = tool.path("function");
      offered.add(new Function(function.path("name").asText(), function.path("parameters")));
    }
    Tools tools =
        new Tools(
            offered,
            request.path("tool_choice"),
            request.path("parallel_tool_calls").asBoolean(true));
    if (offered.stream().anyMatch(function -> function.name().isEmpty())) {
      throw ApiException.field("tools", "Every tool must be a \"function\" with a \"name\".");
    }
    boolean understood =
        switch (tools.word()) {
          case "none", "auto" -> true;
          case "required" -> !offered.isEmpty();
          default -> tools.choice.isObject() && tools.chosen().isPresent();
        };
    if (!understood) {
      throw ApiException.field(
          "tool_choice",
          "\"tool_choice\" must be none, auto, required or one of the functions in \"tools\".");
    }
    return tools;
  }

  /**
   * The functions to call: the chosen one, else those that the text names, else the first one if a
   * call is required.
   */
  List<Function> called(String text) {
    return switch (word()) {
      case "none" -> List.of();
      case "auto" -> named(text);
      case "required" -> named(text).isEmpty() ? List.of(offered.getFirst()) : named(text);
      default -> chosen().stream().toList();
    };
  }

  /** If a call is required, the first function that is not among those already called. */
  List<Function> requiredAfter(List<String> called) {
    return offered.stream()
        .filter(function -> word().equals("required") && !called.contains(function.name()))
        .limit(1)
        .toList();
  }

  private String word() {
    return choice.isMissingNode() || choice.isNull() ? "auto" : choice.asText();
  }

  private Optional<Function> chosen() {
    String name = choice.path("function").path("name").asText();
    return offered.stream().filter(function -> function.name().equals(name)).findFirst();
  }

  private List<Function> named(String text) {
    String words = text.toLowerCase(Locale.ROOT);
    return offered.stream()
        .filter(function -> words.contains(function.name().toLowerCase(Locale.ROOT)))
        .limit(parallel ? offered.size() : 1)
        .toList();
  }
}
