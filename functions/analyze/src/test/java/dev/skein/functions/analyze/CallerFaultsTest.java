package dev.skein.functions.analyze;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFault;
import dev.skein.api.testing.FieldFaults;
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
  private static final CallerFaultRows ROWS = new CallerFaultRows(Map.of(), AnalyzeFunction::new);

  @AfterAll
  static void stop() {
    ROWS.close();
  }

  static Stream<Arguments> faults() {
    return Stream.concat(
        CallerFaultRows.ofBody("analyze.json", 1 << 20, ofAnalyze()),
        CallerFaultRows.ofBody("summaries.json", 1 << 20, ofSummaries()));
  }

  private static Stream<List<CallerFault>> ofAnalyze() {
    return Stream.of(
        FieldFaults.text("text", 32_000),
        FieldFaults.optionalText("user_id", 128),
        FieldFaults.unknown("text"));
  }

  private static Stream<List<CallerFault>> ofSummaries() {
    String texts = "must be an array of 1 to 100 strings";
    String ofText = "must be a string of 1 to 32,000 characters and not blank";
    String longText = "\"" + "x".repeat(32_001) + "\"";
    return Stream.of(
        FieldFaults.required(
            "texts",
            texts,
            "\"x\"",
            "1",
            "true",
            "{}",
            "[]",
            "[" + "\"x\",".repeat(100) + "\"x\"]",
            "[" + "null,".repeat(200_000) + "null]"),
        FieldFaults.item("texts", 1, ofText, "null", "1", "[]", "{}", "\"\"", "\" \"", longText),
        FieldFaults.choice("style", "sentence", "words"),
        FieldFaults.integer("max_concurrent", 1, 20),
        FieldFaults.optionalText("user_id", 128),
        FieldFaults.unknown("texts"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("faults")
  void aFaultOfTheCallerIsNamedInTheRoutesForm(String route, CallerFault fault, ObjectNode valid) {
    ROWS.checkRefused(route, fault, valid);
  }

  static Stream<Arguments> variations() {
    return Stream.concat(
        CallerFaultRows.variationsOfBody("analyze.json", 1 << 20),
        CallerFaultRows.variationsOfBody("summaries.json", 1 << 20));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("variations")
  void aValidRequestIsServedWhateverItsEventLooksLike(
      String route, ValidVariation variation, ObjectNode valid) {
    ROWS.checkServed(variation, valid);
  }
}
