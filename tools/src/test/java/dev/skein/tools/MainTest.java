package dev.skein.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  private static final String UNREACHABLE = "http://127.0.0.1:1/000000000000/AuditQueue";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @CsvSource({
    "--help, Tools for Skein's audit trail",
    "replay --help, Sends the audit records of a log",
    "verify --help, Checks an export of the audit table",
  })
  void helpIsPrinted(String arguments, String text) {
    assertThat(run("", arguments.split(" "))).isZero();
    assertThat(out.toString(UTF_8)).contains(text);
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "erase - | there is no command erase; see --help",
        "replay | name a file, a folder, or - for standard input; see --help",
        "replay - | --queue-url is missing; --dry-run does without",
        "replay --queue x - | there is no option --queue; see --help",
        "replay - --queue-url | --queue-url needs a value",
        "replay --queue-url=queue - | this is no URL: queue",
        "replay --dry-run --from-line 0 - | --from-line must be a whole number of at least 1",
        "replay --dry-run absent.log | there is no file absent.log",
        "verify --head 1 - | --head must be CHAIN:LINK:SHA256",
        "verify --since yesterday - | --since must be like 2026-11-28T10:00:00.000Z",
        "verify --anchors absent.log - | there is no file absent.log",
      })
  void aMistakeIsNamedInOneLine(String arguments, String message) {
    assertThat(run("", arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString(UTF_8)).isEqualTo("skein-audit: " + message + "\n");
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void noCommandPrintsTheOverviewAndFails() {
    assertThat(run("")).isEqualTo(2);
    assertThat(out.toString(UTF_8)).contains("replay", "verify");
  }

  @Test
  void aQueueThatCannotBeReachedStopsTheReplayWithoutAStackTrace() {
    String line = Samples.alternateLine(Samples.intent(1));

    assertThat(run(line, "replay", "--dry-run", "-")).isZero();
    assertThat(run("not ours\n" + line, "replay", "--queue-url", UNREACHABLE, "-")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("skein-audit: Unable to execute HTTP request: Connection refused")
        .contains("stopped at -:2, 0 records sent")
        .contains("to resume: --from-line 2 -")
        .doesNotContain("alice", "\tat ");
  }

  private int run(String input, String... arguments) {
    var screen = new PrintStream(err, true, UTF_8);
    return new Main(
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new Progress(screen, false, () -> 0),
            _ -> {},
            InstantSource.system())
        .run(List.of(arguments));
  }
}
