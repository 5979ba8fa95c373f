package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class SampleCommandsTest {
  private static final URI API = URI.create("http://127.0.0.1:8080");

  @Test
  void thereAreThreeShortCommandsWithoutAModelsName() {
    assertThat(SampleCommands.of(API, false, false))
        .hasSize(3)
        .allMatch(command -> command.length() < 140)
        .noneMatch(command -> command.contains("\"model\""));
  }

  @Test
  void thePageShowsThem() throws IOException {
    var page = Files.readString(RunningStack.ROOT.resolve("docs/local-stack.md"));

    assertThat(page.lines().filter(line -> line.startsWith("  curl ")).map(String::strip))
        .containsExactlyElementsOf(SampleCommands.of(API, false, false));
  }

  @Test
  void commandsHaveTheCredentialsThatTheStackAsksFor() {
    assertThat(SampleCommands.of(API, true, true))
        .satisfiesExactly(
            chat -> assertThat(chat).contains("Bearer $SKEIN_API_KEY"),
            completion -> assertThat(completion).contains("Bearer $SKEIN_API_KEY"),
            read -> assertThat(read).contains("--aws-sigv4", "$AWS_SECRET_ACCESS_KEY"));
  }
}
