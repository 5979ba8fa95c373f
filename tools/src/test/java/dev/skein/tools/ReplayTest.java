package dev.skein.tools;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.model.SqsException;

class ReplayTest {
  private static final String STREAM = "2026/11/28/[$LATEST]4df8c2e5a1b34";
  private static final ObjectNode INTENT = Samples.intent(1);
  private static final ObjectNode COMPLETED = Samples.completed(1);

  /** What a function's log looks like, with two records and five other lines. */
  private static final List<String> LOG =
      List.of(
          "START RequestId: 1 Version: $LATEST",
          "{\"timestamp\":\"2026-11-28T10:00:00.000Z\",\"level\":\"INFO\",\"event\":\"request\"}",
          Samples.alternateLine(INTENT),
          Samples.logModeLine(Samples.intent(2)),
          "",
          Samples.alternateLine(COMPLETED),
          "REPORT RequestId: 1 {not JSON}");

  @TempDir private Path folder;

  private final FakeSqs sqs = new FakeSqs();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  @TestFactory
  Stream<DynamicTest> everyFormOfALogIsRead() {
    return Stream.of(
        form("lines", lines -> String.join("\n", lines)),
        form("lines of Windows", lines -> String.join("\r\n", lines) + "\r\n"),
        form(
            "aws logs tail",
            lines -> each(lines, it -> "2026-11-28T10:00:00.123000+00:00 " + STREAM + " " + it)),
        form(
            "aws logs tail --format short",
            lines -> each(lines, it -> "2026-11-28T10:00:00 " + it)),
        form(
            "aws logs tail --format json",
            lines -> each(lines, it -> "2026-11-28T10:00:00 " + STREAM + " " + indented(it))),
        form("an export to S3", lines -> each(lines, it -> "2026-11-28T10:00:00.123Z " + it)),
        form("aws logs filter-log-events", lines -> events(lines).toPrettyString()),
        form("the same in one line", lines -> events(lines).toString()),
        form(
            "the same, one event a line",
            lines ->
                events(lines)
                    .path("events")
                    .valueStream()
                    .map(Object::toString)
                    .reduce("", (a, b) -> a + b + "\n")),
        form("aws logs get-query-results", lines -> results(lines).toPrettyString()),
        form("Logs Insights, saved as JSON", lines -> insights(lines).toPrettyString()),
        form(
            "Logs Insights, saved as CSV",
            lines ->
                "@timestamp,@message\n"
                    + each(
                        lines,
                        it -> "2026-11-28 10:00:00.123,\"" + it.replace("\"", "\"\"") + "\"")),
        form(
            "the local stack",
            lines -> "[1/4] ElasticMQ (1 ms)\n" + each(lines, ReplayTest::local)));
  }

  private DynamicTest form(String name, Function<List<String>, String> form) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          sqs.accepted.clear();
          assertThat(replay(file("log", form.apply(LOG)))).isTrue();

          assertThat(sqs.accepted)
              .containsExactly(Samples.message(INTENT), Samples.message(COMPLETED));
        });
  }

  @Test
  void compressedFilesAndThoseOfPowerShellAreRead() throws Exception {
    Path gzip = folder.resolve("000000.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(String.join("\n", LOG).getBytes(UTF_8));
    }
    Path utf16 = folder.resolve("log.txt");
    Files.write(utf16, ("\ufeff" + String.join("\r\n", LOG)).getBytes(UTF_16LE));

    assertThat(replay(gzip, utf16)).isTrue();
    assertThat(sqs.accepted).hasSize(4);
  }

  @Test
  void theRecordsOfTheModeLogAreSentOnRequest() throws Exception {
    Path log = file("log", String.join("\n", LOG));
    var replay = new Replay(Optional.of(sender()), LoggedRecord.ALL, progress());

    assertThat(replay.run(List.of(log.toString()), 1, noInput())).isTrue();
    assertThat(sqs.accepted).hasSize(3).contains(Samples.message(Samples.intent(2)));
  }

  @Test
  void everyNumberKeepsItsDigits() throws Exception {
    String digits = "12345678901234567890.12345678901234567890";
    String line =
        Samples.alternateLine(INTENT).replace("\"phase\":", "\"new\":" + digits + ",\"phase\":");

    assertThat(replay(file("log", line))).isTrue();
    assertThat(sqs.accepted.getFirst()).contains("\"new\":" + digits);
  }

  @Test
  void aLineThatIsCutAnywhereIsNamedAndTheOthersAreSent() throws Exception {
    String line = Samples.alternateLine(INTENT);
    for (int length = line.indexOf("\"cause\""); length < line.length(); length += 7) {
      sqs.accepted.clear();
      screen.reset();
      String other = Samples.alternateLine(COMPLETED);

      assertThat(replay(file("log", other + "\n" + line.substring(0, length) + "\n" + other)))
          .as("cut after %d characters", length)
          .isFalse();
      assertThat(screen.toString(UTF_8)).contains("log:2 is cut; get the whole line");
      assertThat(sqs.accepted).hasSize(2);
    }
  }

  @Test
  void theEndOfACutLineIsNamedToo() throws Exception {
    String line = Samples.alternateLine(INTENT);

    assertThat(replay(file("log", line.substring(line.length() / 2)))).isFalse();
    assertThat(screen.toString(UTF_8)).contains("log:1 is cut");
  }

  @Test
  void anInvalidRecordIsNamedWithoutItsText() throws Exception {
    ObjectNode record = INTENT.deepCopy();
    record.put("model", 7).put("message_preview", "a secret");

    assertThat(replay(file("log", Samples.alternateLine(record)))).isFalse();
    assertThat(screen.toString(UTF_8))
        .contains("log:1 has an invalid record: model must be a string")
        .doesNotContain("secret");
    assertThat(sqs.accepted).isEmpty();
  }

  @Test
  void aRecordThatNoMessageCanHoldIsNamed() throws Exception {
    ObjectNode record = INTENT.deepCopy();
    record.put("message_preview", "x".repeat(QueueSender.MAX_BYTES));

    assertThat(replay(file("log", Samples.alternateLine(record)))).isFalse();
    assertThat(screen.toString(UTF_8)).contains("log:1 has a record that is larger than");
  }

  @Test
  void aDocumentThatIsCutStopsTheReplay() throws IOException {
    String document = events(LOG).toPrettyString();
    Path log = file("log", document.substring(0, document.length() - 40));

    assertStops(() -> replay(log), "the JSON is cut or invalid after its entry 6");
    assertThat(sqs.accepted).as("those before the cut").hasSize(2);
  }

  @Test
  void aStoppedReplaySaysHowToResume() throws Exception {
    Path first = file("first", String.join("\n", LOG));
    var many = new StringBuilder("an other line\n");
    for (int i = 2; i < 30; i++) {
      many.append(Samples.alternateLine(Samples.intent(i))).append('\n');
    }
    Path second = file("second", many.toString());
    sqs.refusing().throwing(SqsException.builder().statusCode(403).build());

    // The first batch holds two records of the first file and eight of the second one.
    assertStops(
        () -> replay(first, second),
        "the queue refuses: status 403\nstopped at "
            + second
            + ":10, 10 records sent, 27 lines read, 6 without a record, 0 invalid\n"
            + "to resume: --from-line 10 "
            + second);
    var resumed = new Replay(Optional.of(sender()), LoggedRecord.ALTERNATE, progress());
    resumed.run(List.of(second.toString()), 10, noInput());
    assertThat(sqs.accepted).hasSize(30).doesNotHaveDuplicates();
  }

  @Test
  void standardInputIsRead() throws Exception {
    var replay = new Replay(Optional.of(sender()), LoggedRecord.ALTERNATE, progress());

    replay.run(List.of("-"), 1, new ByteArrayInputStream(String.join("\n", LOG).getBytes(UTF_8)));
    assertThat(replay.summary())
        .isEqualTo("2 records sent, 7 lines read, 5 without a record, 0 invalid");
  }

  @Test
  void aDryRunSendsNothing() throws Exception {
    var replay = new Replay(Optional.empty(), LoggedRecord.ALTERNATE, progress());

    replay.run(List.of(file("log", String.join("\n", LOG)).toString()), 1, noInput());
    assertThat(replay.summary()).startsWith("2 records found, ");
  }

  private boolean replay(Path... files) throws ToolException {
    var names = Stream.of(files).map(Path::toString).toList();
    return new Replay(Optional.of(sender()), LoggedRecord.ALTERNATE, progress())
        .run(names, 1, noInput());
  }

  private static void assertStops(ThrowingCallable replay, String message) {
    Assertions.assertThatThrownBy(replay)
        .isInstanceOf(ToolException.class)
        .hasMessageContaining(message);
  }

  private QueueSender sender() {
    return new QueueSender(sqs, "http://queue/1", _ -> {});
  }

  private Progress progress() {
    return new Progress(new PrintStream(screen, true, UTF_8), false, () -> 0);
  }

  private static ByteArrayInputStream noInput() {
    return new ByteArrayInputStream(new byte[0]);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String each(List<String> lines, Function<String, String> form) {
    return String.join("\n", lines.stream().map(form).toList()) + "\n";
  }

  /** As the AWS CLI prints a message that is JSON. */
  private static String indented(String line) {
    try {
      return line.startsWith("{")
          ? "\n" + new ObjectMapper().readTree(line).toPrettyString()
          : line;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectNode events(List<String> lines) {
    var response = Json.object();
    var events = response.putArray("events");
    lines.forEach(it -> events.addObject().put("logStreamName", STREAM).put("message", it + "\n"));
    response.putArray("searchedLogStreams");
    return response;
  }

  private static ObjectNode results(List<String> lines) {
    var response = Json.object();
    response.put("queryLanguage", "CWLI");
    var results = response.putArray("results");
    for (String line : lines) {
      var row = results.addArray();
      row.addObject().put("field", "@timestamp").put("value", "2026-11-28 10:00:00.123");
      row.addObject().put("field", "@message").put("value", line);
    }
    return response;
  }

  private static com.fasterxml.jackson.databind.JsonNode insights(List<String> lines) {
    var rows = Json.object().putArray("rows");
    lines.forEach(it -> rows.addObject().put("@timestamp", "2026").put("@message", it));
    return rows;
  }

  /** As the console of the local stack prints a line: an event's name and its fields. */
  private static String local(String line) {
    if (!line.contains("\"record\":")) {
      return "10:00:00   ChatFunction | " + line;
    }
    try {
      var json = new ObjectMapper().readTree(line);
      return "10:00:00   ChatFunction | ERROR %s cause=Timeout record=%s AuditAlternateSink=1"
          .formatted(json.path("event").asText(), json.path("record"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
