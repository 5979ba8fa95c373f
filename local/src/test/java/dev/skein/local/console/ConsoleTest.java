package dev.skein.local.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.testing.Screen;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ConsoleTest {

  private final Screen screen = new Screen();

  @Test
  void aJsonLineBecomesItsLevelEventAndPairs() {
    screen
        .console()
        .function(
            "Chat",
            "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"WARN\",\"event\":\"retry\","
                + "\"attempt\":2,\"why\":\"too many\",\"of\":{\"a\":1}}");

    assertThat(screen.text())
        .matches("\\d\\d:\\d\\d:\\d\\d   Chat \\| WARN retry attempt=2 why=\"too many\" of=.*\\R")
        .contains("of={\"a\":1}");
  }

  @Test
  void cloudWatchMetadataIsLeftOut() {
    screen
        .console()
        .function(
            "Chat",
            "{\"level\":\"ERROR\",\"event\":\"model_credentials_refused\",\"model\":\"m\","
                + "\"_aws\":{\"Timestamp\":1,\"CloudWatchMetrics\":[{}]},"
                + "\"ModelCredentialsRefused\":1}");

    assertThat(screen.text())
        .endsWith(
            "ERROR model_credentials_refused model=m ModelCredentialsRefused=1"
                + System.lineSeparator());
  }

  @Test
  void otherLinesAreShownUnchanged() {
    screen.console().function("Chat", "{not json");
    screen.console().function("Chat", "plain text");
    screen.console().function("Chat", "[1,2]");

    assertThat(screen.text().lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("   Chat | {not json"),
            line -> assertThat(line).endsWith("   Chat | plain text"),
            line -> assertThat(line).endsWith("   Chat | [1,2]"));
  }

  @Test
  void aRequestIsOneLine() {
    screen.console().request("POST", "/chat", 200, Duration.ofMillis(231), true, "ChatFunction");

    assertThat(screen.text())
        .matches("\\d\\d:\\d\\d:\\d\\d POST /chat        200  231 ms  ChatFunction cold start\\R");
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    screen.console().function("Chat", "\u001b[2J\u0007{\r");
    screen.console().function("Chat", "{\"event\":\"a\\u001b[2J\\nb\"}");
    screen.console().request("GET", "/\u001b[2J", 404, Duration.ZERO, false, "\u001b");

    assertThat(screen.text().lines()).hasSize(3);
    assertThat(screen.text()).doesNotContain("\u001b", "\u0007");
  }

  @Test
  void aProblemWithSeveralLinesIsMarkedOnEach() {
    screen.console().problem("one\ntwo");

    assertThat(screen.text().lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith(" ! one"),
            line -> assertThat(line).endsWith(" ! two"));
  }
}
