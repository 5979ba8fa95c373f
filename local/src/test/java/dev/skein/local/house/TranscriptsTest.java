package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.local.LocalStack;
import dev.skein.local.console.StackConsole;
import dev.skein.local.house.Pages.Shown;
import dev.skein.local.testing.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The output that a page shows below a command is what the command prints. */
@Timeout(300)
class TranscriptsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration AUDIT_PATIENCE = Duration.ofSeconds(60);

  /** Pages with the output of a real model; the others show the offline stand-in's. */
  private static final Set<String> FROM_A_REAL_MODEL = Set.of("README.md", "docs/streaming.md");

  @Test
  void theOfflineStandInRepliesAsThePagesShow() throws Exception {
    var commands = commands(false);
    assertThat(commands).extracting(Shown::page).contains("docs/api.md", "docs/audit.md");

    try (var stack = start(Map.of())) {
      for (var shown : commands) {
        awaitOutput(shown, stack);
      }
      awaitFields(stack, documentedFields());
    }
  }

  @Test
  void theRecordedRepliesOfARealModelAreReturnedAsThePagesShow() throws Exception {
    var commands = commands(true);
    assertThat(commands).extracting(Shown::page).contains("README.md", "docs/streaming.md");

    try (var model = new RecordedModel();
        var stack =
            start(
                Map.of(
                    "OPENAI_BASE_URL", model.baseUrl(),
                    "OPENAI_MODEL", "smollm2",
                    "OPENAI_API_KEY", "local"))) {
      for (var shown : commands) {
        JsonNode output = parse(shown.output());
        if (output.isArray() || output.has("response")) {
          model.reply(output);
        }
        awaitOutput(shown, stack);
      }
    }
  }

  private static List<Shown> commands(boolean fromARealModel) {
    return Pages.all().stream()
        .filter(page -> FROM_A_REAL_MODEL.contains(page) == fromARealModel)
        .flatMap(page -> Pages.commands(page).stream())
        .toList();
  }

  private static LocalStack start(Map<String, String> shell) throws InterruptedException {
    var console = StackConsole.to(new PrintStream(new ByteArrayOutputStream(), true));
    // Else a busy machine logs a record instead of queueing it.
    var variables =
        new HashMap<>(Map.of("AUDIT_TIMEOUT_MS", "10000", "DEADLINE_RESERVE_MS", "12000"));
    variables.putAll(shell);
    return LocalStack.start(
        FreePorts.settings(Map.of()), Pages.ROOT.resolve("template.yaml"), variables, console);
  }

  /** Audit records appear a moment after the reply. */
  private static void awaitOutput(Shown shown, LocalStack stack) throws Exception {
    String command = shown.command().replace("http://127.0.0.1:8080", stack.api().toString());
    JsonNode expected = withoutWhatDiffers(parse(shown.output()));
    long end = System.nanoTime() + AUDIT_PATIENCE.toNanos();
    JsonNode actual = withoutWhatDiffers(parse(run(command)));
    while (!actual.equals(expected) && command.contains("/audit") && System.nanoTime() < end) {
      Thread.sleep(200);
      actual = withoutWhatDiffers(parse(run(command)));
    }
    assertThat(actual).as(shown.page() + ": " + shown.command()).isEqualTo(expected);
  }

  /** The earlier commands have produced records of every kind. */
  private static void awaitFields(LocalStack stack, Set<String> expected) throws Exception {
    long end = System.nanoTime() + AUDIT_PATIENCE.toNanos();
    Set<String> actual = fields(stack);
    while (!actual.equals(expected) && System.nanoTime() < end) {
      Thread.sleep(200);
      actual = fields(stack);
    }
    assertThat(actual).as("fields of the audit records").isEqualTo(expected);
  }

  private static Set<String> fields(LocalStack stack) throws Exception {
    JsonNode page = parse(run("curl -s '" + stack.api() + "/audit?limit=100'"));
    return page.path("records")
        .valueStream()
        .flatMap(record -> record.propertyStream())
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** But those of AUDIT_CONTENT=full, which the pages do not run with, and of failed attempts. */
  private static Set<String> documentedFields() {
    return Pages.find(
            "(?m)^\\| (`(?!prompt_length|discarded_cost_usd)[^|]*`) \\|",
            Pages.section("docs/audit.md", "## Fields"))
        .stream()
        .flatMap(row -> Pages.find("`([a-z0-9_]+)`", row.group(1)).stream())
        .map(name -> name.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String run(String command) throws IOException, InterruptedException {
    var process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(false).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  /** A stream becomes a list of its events, each with its name and its data. */
  private static JsonNode parse(String output) throws IOException {
    if (!output.startsWith("event: ")) {
      return JSON.readTree(output);
    }
    return JSON.readTree(
        Pattern.compile("event: (\\w+)\ndata: (.*(?:\n .*)*)")
            .matcher(output)
            .results()
            .map(event -> "[\"" + event.group(1) + "\"," + event.group(2) + "]")
            .collect(Collectors.joining(",", "[", "]")));
  }

  private static JsonNode withoutWhatDiffers(JsonNode root) {
    for (String field :
        List.of(
            "request_id",
            "audit_id",
            "trace_id",
            "content_salt",
            "timestamp",
            "latency_ms",
            "instance",
            "next_cursor",
            "from",
            "to",
            "buckets")) {
      root.findParents(field).forEach(parent -> ((ObjectNode) parent).put(field, "differs"));
    }
    return root;
  }
}
