package dev.skein.local;

import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.services.Ports;
import dev.skein.local.testing.BorrowedParts;
import dev.skein.local.testing.Screen;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stack that cannot start says why, where the user looks. */
@Timeout(120)
class LauncherTest {
  private final Screen screen = new Screen();
  @TempDir private Path folder;
  private BorrowedParts parts;
  private Path failure;

  @BeforeEach
  void leaveAnOldFailure() throws IOException {
    parts = BorrowedParts.borrow();
    failure = Files.writeString(folder.resolve("failure"), "of the last start");
  }

  @AfterEach
  void giveBack() {
    parts.close();
  }

  private int run(Optional<Path> file, Map<String, String> variables) throws InterruptedException {
    var environment = new HashMap<>(variables);
    environment.putIfAbsent("PORT", "0");
    environment.put("MODEL_PORT", "0");
    environment.putAll(parts.variables());
    return new Launcher(RunningStack.ROOT, file, environment, screen.console()).run();
  }

  @Test
  void aPortInUseIsTheReason() throws Exception {
    try (var other = new ServerSocket()) {
      other.bind(Ports.loopback(0));
      String port = Integer.toString(other.getLocalPort());

      assertThat(run(Optional.of(failure), Map.of("PORT", port))).isEqualTo(78);
      assertThat(failure)
          .content()
          .startsWith("Skein did not start. Port " + port + " is in use")
          .contains("Stop that program, or set PORT");
      assertThat(screen.text()).doesNotContain("is in use");
    }
  }

  @Test
  void withoutAFileTheReasonIsOnTheConsole() throws Exception {
    assertThat(run(Optional.empty(), Map.of("PORT", "x"))).isEqualTo(78);

    assertThat(screen.text()).contains("! PORT is x; it must be an integer");
  }

  @Test
  void aDataFolderThatCannotBeWrittenIsTheReason() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThat(run(Optional.of(failure), Map.of("DATA_DIR", file.toString()))).isEqualTo(78);
    assertThat(failure).content().contains("DATA_DIR is " + file + ", where no file can be");
  }

  @Test
  void aStackThatRunsRemovesTheReasonOfAnyOther() throws Exception {
    var running =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    run(Optional.of(failure), Map.of());
                  } catch (InterruptedException e) {
                    // It stops.
                  }
                });

    until("it is ready", () -> screen.text().contains("Ready in"));
    assertThat(failure).doesNotExist();

    Files.writeString(failure, "A second stack found the port in use.");
    running.interrupt();
    running.join();
    assertThat(failure).doesNotExist();
  }

  /** These are read by the functions, and were noticed with the first request before. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OPENAI_BASE_URL | http://127.0.0.1:1/v1/chat/completions | must be the base URL, without",
        "LLM_FAILOVER | [{ | is not JSON",
        "AUDIT_MODE | sometimes | must be one of default, strict, log",
        "PRICES_FILE | no-prices.txt | /local/no-prices.txt, which does not exist"
      })
  void aSettingThatTheFunctionsRejectIsTheReason(String name, String value, String message)
      throws Exception {
    var before = ProcessHandle.current().descendants().toList();

    assertThat(run(Optional.of(failure), Map.of(name, value))).isEqualTo(78);

    assertThat(failure).content().startsWith("Skein did not start. " + name + " ");
    assertThat(failure).content().contains(message).doesNotContain("Exception", "\n");
    assertThat(screen.text()).doesNotContain("Ready", "[stop]");
    assertThat(ProcessHandle.current().descendants().filter(it -> !before.contains(it))).isEmpty();
  }
}
