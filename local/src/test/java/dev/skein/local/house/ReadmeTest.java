package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.local.LocalStack;
import dev.skein.local.console.StackConsole;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import dev.skein.local.testing.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the README shows is what happens. */
@Timeout(120)
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A command of the session, and the JSON that stands below it. */
  private record Shown(String command, String output) {}

  @Test
  void theSessionRunsAsItIsShown() throws Exception {
    var session = session();
    assertThat(session).hasSizeGreaterThan(3);
    var console = StackConsole.to(new PrintStream(new ByteArrayOutputStream(), true));
    try (var stack =
        LocalStack.start(
            FreePorts.settings(Map.of()), ROOT.resolve("template.yaml"), Map.of(), console)) {
      for (var shown : session) {
        var command = shown.command().replace("http://127.0.0.1:8080", stack.api().toString());
        awaitSame(shown, command);
      }
    }
  }

  /** The trail is a moment behind its requests: what is shown comes, if not at once. */
  private static void awaitSame(Shown shown, String command) throws Exception {
    JsonNode expected = steady(shown.output());
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    JsonNode actual = steady(run(command));
    while (!actual.equals(expected) && command.contains("/audit") && System.nanoTime() < end) {
      Thread.sleep(200);
      actual = steady(run(command));
    }
    assertThat(actual).as(shown.command()).isEqualTo(expected);
  }

  private static List<Shown> session() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String text =
        readme.substring(readme.indexOf("\n## A session\n"), readme.indexOf("\n## Routes\n"));
    var session = new ArrayList<Shown>();
    var block = Pattern.compile("(?s)```console\n(.*?)```").matcher(text);
    while (block.find()) {
      var command =
          Pattern.compile("(?m)^\\$ (.*(?:\\\\\n.*)*)\n((?:(?!\\$ ).*\n)*)")
              .matcher(block.group(1));
      while (command.find()) {
        session.add(new Shown(command.group(1), command.group(2)));
      }
    }
    return session;
  }

  private static String run(String command) throws IOException, InterruptedException {
    var process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(false).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  /** The events of a stream, each with its name and its data. */
  private static String list(String events) {
    return Pattern.compile("event: (\\w+)\ndata: (.*(?:\n .*)*)")
        .matcher(events)
        .results()
        .map(event -> "[\"" + event.group(1) + "\"," + event.group(2) + "]")
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** Without what differs each time. */
  private static JsonNode steady(String output) throws IOException {
    JsonNode root = JSON.readTree(output.startsWith("event: ") ? list(output) : output);
    for (String field :
        List.of("request_id", "audit_id", "timestamp", "latency_ms", "instance", "next_cursor")) {
      root.findParents(field).forEach(parent -> ((ObjectNode) parent).put(field, "differs"));
    }
    return root;
  }

  @Test
  void everyFunctionAndEventOfACommandIsThere() throws IOException {
    var functions =
        TemplateReader.read(ROOT.resolve("template.yaml")).functions().stream()
            .map(Deployment.Function::name)
            .toList();
    var invoked =
        Pattern.compile("(?m)^sam local invoke (\\w+) -e (\\S+) -n (\\S+)$")
            .matcher(Files.readString(ROOT.resolve("README.md")))
            .results()
            .toList();

    assertThat(invoked).extracting(it -> it.group(1)).containsAll(functions);
    assertThat(invoked)
        .allMatch(it -> functions.contains(it.group(1)))
        .allMatch(it -> Files.exists(ROOT.resolve(it.group(2))))
        .allMatch(it -> Files.exists(ROOT.resolve(it.group(3))));
  }

  @Test
  void everyProblemThatACallerCanMeetHasItsRow() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    var inCode = new ArrayList<String>();
    var named = Pattern.compile("(?:new Problem|problem|withRetryAfter)\\(\\s*\"([a-z-]+)\"");
    try (var files = Files.walk(ROOT)) {
      for (var file :
          files
              .filter(it -> it.toString().matches(".*/(shared|functions)/.*/src/main/.*\\.java"))
              .toList()) {
        named.matcher(Files.readString(file)).results().map(it -> it.group(1)).forEach(inCode::add);
      }
    }
    Pattern.compile("urn:skein:problem:([a-z-]+)")
        .matcher(Files.readString(ROOT.resolve("template.yaml")))
        .results()
        .map(it -> it.group(1))
        .forEach(inCode::add);

    assertThat(inCode).hasSizeGreaterThan(15);
    assertThat(inCode).allMatch(name -> readme.contains("`" + name + "`"));
  }
}
