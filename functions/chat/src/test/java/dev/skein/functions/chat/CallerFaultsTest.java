package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFault;
import dev.skein.api.testing.FieldFaults;
import dev.skein.api.testing.HostileEvents;
import dev.skein.api.testing.ValidVariation;
import dev.skein.exchange.testing.CallerFaultRows;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault of a caller, at each route: no model is called, and nothing audited. */
@Timeout(60)
class CallerFaultsTest {
  private static final int ALL_TOKENS = 32_000;
  private static final CallerFaultRows ROWS =
      new CallerFaultRows(
          Map.of("OPENAI_EMBEDDING_MODELS", "text-embedding-3-small"), ChatFunction::new);

  @AfterAll
  static void stop() {
    ROWS.close();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
            CallerFaultRows.ofBody("chat.json", 1 << 20, ofChat()),
            CallerFaultRows.ofBody("chat-stream.json", 1 << 20, ofChat()),
            CallerFaultRows.ofBody("completions.json", 6 << 20, ofChatCompletions()),
            CallerFaultRows.ofBody("text-completions.json", 6 << 20, ofCompletions()),
            CallerFaultRows.ofBody("embeddings.json", 6 << 20, ofEmbeddings()),
            CallerFaultRows.of("models.json", CallerFault.ofRequests("GET, HEAD")))
        .flatMap(rows -> rows);
  }

  private static Stream<List<CallerFault>> ofChat() {
    return Stream.of(
        FieldFaults.text("message", 32_000),
        FieldFaults.optionalText("user_id", 128),
        FieldFaults.optionalText("system", 32_000),
        FieldFaults.number("temperature", 0, 2),
        FieldFaults.integer("max_tokens", 1, ALL_TOKENS),
        FieldFaults.choice("model", "m-1"),
        FieldFaults.flag("stream"),
        FieldFaults.unknown("message"));
  }

  private static Stream<List<CallerFault>> ofChatCompletions() {
    return Stream.of(
        FieldFaults.required(
            "messages",
            "must be an array of at least one object",
            "\"x\"",
            "1",
            "{}",
            "[]",
            "[null]",
            "[\"x\"]",
            "[[]]",
            "[{},1]",
            "[" + "null,".repeat(1_000_000) + "null]"),
        FieldFaults.integer("n", 1, 1),
        FieldFaults.integer("max_tokens", 1, ALL_TOKENS),
        FieldFaults.integer("max_completion_tokens", 1, ALL_TOKENS),
        ofOpenAi("m-1"));
  }

  private static Stream<List<CallerFault>> ofCompletions() {
    return Stream.of(
        FieldFaults.required(
            "prompt",
            "must be a single prompt: a string, or an array of one string or of token IDs.",
            "1",
            "true",
            "{}",
            "[]",
            "[null]",
            "[{}]",
            "[\"x\",\"y\"]",
            "[[1],[2]]",
            "[1.5]",
            "[1,\"x\"]",
            "[" + "null,".repeat(1_000_000) + "null]"),
        FieldFaults.integer("n", 1, 1),
        FieldFaults.integer("best_of", 1, 1),
        FieldFaults.integer("max_tokens", 0, ALL_TOKENS),
        ofOpenAi("m-1"));
  }

  private static Stream<List<CallerFault>> ofEmbeddings() {
    return Stream.of(
        FieldFaults.required(
            "input",
            "must be a string, or an array of strings or of token IDs",
            "1",
            "true",
            "{}",
            "[]"),
        FieldFaults.text("model", 256),
        ofOpenAi("text-embedding-3-small"));
  }

  private static List<CallerFault> ofOpenAi(String models) {
    CallerFault otherModel =
        new CallerFault(
            "a model that may not be requested",
            404,
            "This model may not be requested here. Those that may are: " + models + ".",
            event -> FieldFaults.set(event, "model", "\"gpt-of-nobody\""));
    return Stream.of(
            FieldFaults.optionalText("model", 256),
            FieldFaults.flag("stream"),
            // OpenAI's clients send an empty string for none.
            FieldFaults.optionalText("user", 128).stream()
                .filter(fault -> !fault.name().equals("user: \"\""))
                .toList(),
            List.of(otherModel))
        .flatMap(List::stream)
        .toList();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("faults")
  void aFaultOfTheCallerIsNamedInTheRoutesForm(String route, CallerFault fault, ObjectNode valid) {
    ROWS.checkRefused(route, fault, valid);
  }

  static Stream<Arguments> variations() {
    return Stream.of(
            CallerFaultRows.variationsOfBody("chat.json", 1 << 20),
            CallerFaultRows.variationsOfBody("chat-stream.json", 1 << 20),
            CallerFaultRows.variationsOfBody("completions.json", 6 << 20),
            CallerFaultRows.variationsOfBody("text-completions.json", 6 << 20),
            CallerFaultRows.variationsOfBody("embeddings.json", 6 << 20),
            CallerFaultRows.variations("models.json", ValidVariation.ofRequests()))
        .flatMap(rows -> rows);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("variations")
  void aValidRequestIsServedWhateverItsEventLooksLike(
      String route, ValidVariation variation, ObjectNode valid) {
    ROWS.checkServed(variation, valid);
  }

  static Stream<Arguments> models() {
    return Stream.of(
            Map.of("gpt-of-nobody", 404),
            Map.of("%zz", 404),
            Map.of("m-1%0d%0aX:%20y", 404),
            Map.of("\ud83e\udebf", 404),
            Map.of("../audit", 404),
            Map.of("m-1", 200),
            Map.of("m%2D1/", 200))
        .flatMap(it -> it.entrySet().stream())
        .map(model -> Arguments.of(model.getKey(), model.getValue()));
  }

  @ParameterizedTest
  @MethodSource("models")
  void aModelIsFoundOrNotWhateverItsNameLooksLike(String name, int status) {
    ObjectNode event = HostileEvents.samples("models.json").getFirst();
    event.put("resource", "/v1/models/{model+}").putObject("pathParameters").put("model", name);

    ROWS.checkModel(event, status, name);
  }
}
