package dev.skein.local;

import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.testing.Screen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The picture of a session in README.md shows what the stack and the commands that it prints really
 * print. To record it again: {@code -Dtest=TerminalSessionTest -Dskein.write=true}.
 */
@Timeout(400)
class TerminalSessionTest {
  private static final Path PICTURE = RunningStack.ROOT.resolve("docs/session.svg");
  private static final String COMMAND = "mvn -q -Plocal package";
  private static final Pattern SAMPLE = Pattern.compile("(?m)^  (curl .+)$");
  private static final Pattern REQUEST = Pattern.compile("(?m)^\\d\\d:\\d\\d:\\d\\d [A-Z]+ /.*$");

  /** The ports of a run that sets none, in the order in which the stack names them. */
  private static final List<String> PORTS = List.of("9324", "8000", "8080", "4010");

  private static final Duration START = Duration.ofMinutes(3);

  private final Screen screen = new Screen();

  @Test
  void thePictureShowsWhatTheStackPrints() throws Exception {
    TerminalSession session = record();
    if (Boolean.getBoolean("skein.write")) {
      Files.writeString(PICTURE, TerminalSvg.of(session));
    }

    assertThat(session.steps()).hasSize(3);
    assertThat(withoutWhatDiffers(TerminalSvg.text(Files.readString(PICTURE))))
        .as("mvn -pl local -am verify -Dtest=TerminalSessionTest -Dskein.write=true records it")
        .isEqualTo(withoutWhatDiffers(String.join("", session.lines())));
    assertThat(Files.readString(RunningStack.ROOT.resolve("README.md")))
        .contains("](docs/session.svg)", COMMAND);
  }

  private TerminalSession record() throws Exception {
    var environment = new HashMap<>(RunningStack.patientAudit());
    environment.putAll(
        Map.of("PORT", "0", "QUEUE_PORT", "0", "TABLE_PORT", "0", "MODEL_PORT", "0"));
    var launcher = new Launcher(RunningStack.ROOT, Optional.empty(), environment, screen.console());
    var running = Thread.ofVirtual().start(() -> run(launcher));
    try {
      RunningStack.await(
          "it is ready", START, () -> screen.text().contains("Press Ctrl-C to stop."));
      List<String> start = new ArrayList<>(List.of("$ " + COMMAND));
      start.addAll(screen.text().lines().toList());
      var steps = new ArrayList<TerminalSession.Step>();
      for (var sample : SAMPLE.matcher(screen.text()).results().toList()) {
        steps.add(step(sample.group(1)));
      }
      return withDefaultPorts(new TerminalSession(start, steps));
    } finally {
      running.interrupt();
      running.join();
    }
  }

  private TerminalSession.Step step(String command) throws Exception {
    var outputs = new ArrayList<String>();
    int before = requests().size();
    until(
        "the newest record is complete",
        () -> {
          outputs.add(output(command));
          return !command.contains("/audit") || isNewest(outputs.getLast());
        });
    until("the requests are shown", () -> requests().size() == before + outputs.size());
    return new TerminalSession.Step(command, outputs.getLast(), requests().getLast());
  }

  /** Records arrive a moment after the reply. */
  private static boolean isNewest(String page) {
    return page.contains("\"phase\":\"completed\"") && page.contains("\"/v1/chat/completions\"");
  }

  private static void run(Launcher launcher) {
    try {
      launcher.run();
    } catch (InterruptedException e) {
      // The session is over.
    }
  }

  private List<String> requests() {
    return REQUEST.matcher(screen.text()).results().map(it -> it.group()).toList();
  }

  private static String output(String command) {
    try {
      var process =
          new ProcessBuilder("bash", "-c", command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TerminalSession withDefaultPorts(TerminalSession session) {
    String all = String.join("\n", session.start());
    var free =
        Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)")
            .matcher(all)
            .results()
            .map(it -> it.group(1))
            .distinct()
            .toList();
    assertThat(free).as(all).hasSameSizeAs(PORTS);
    return new TerminalSession(
        session.start().stream().map(line -> replaced(line, free)).toList(),
        session.steps().stream()
            .map(
                step ->
                    new TerminalSession.Step(
                        replaced(step.command(), free), step.output(), step.request()))
            .toList());
  }

  private static String replaced(String line, List<String> free) {
    String replaced = line;
    for (int i = 0; i < free.size(); i++) {
      replaced = replaced.replace("127.0.0.1:" + free.get(i), "127.0.0.1:" + PORTS.get(i));
    }
    return replaced;
  }

  /** IDs, times and the milliseconds of a reply. */
  private static String withoutWhatDiffers(String text) {
    return text.replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID")
        .replaceAll("\"(trace_id|next_cursor|content_salt)\":\"[^\"]*\"", "\"$1\":\"ID\"")
        .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
        .replaceAll("\\d\\d:\\d\\d:\\d\\d", "TIME")
        .replace(", cold start", "")
        .replaceAll("[0-9.]+ (ms|s)\\b", "TIME")
        .replaceAll("\"latency_ms\":(\\d+|\\{[^}]*\\})", "TIME");
  }
}
