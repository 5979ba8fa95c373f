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
                + "\"stack\":\"local\",\"function\":\"Chat\","
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

  private static StackConsole.Response response(
      int status, boolean callsModel, boolean streamed, String note) {
    return new StackConsole.Response(
        "r-1", callsModel, "POST", "/chat", status, streamed, Duration.ofMillis(412), note);
  }

  private void log(StackConsole console, String event, String fields) {
    console.function(
        "Chat",
        "{\"level\":\"%s\",\"event\":\"%s\",\"request_id\":\"r-1\",%s}"
            .formatted(event.equals("model_calls") ? "INFO" : "WARN", event, fields));
  }

  private String afterTheTime() {
    return screen.text().strip().replaceAll("(?m)^\\d\\d:\\d\\d:\\d\\d ", "");
  }

  @Test
  void aRequestWithoutAModelIsOneLineAtOnce() {
    screen.console().request(response(422, false, false, "cold start"));

    assertThat(screen.text()).matches("\\d\\d:\\d\\d:\\d\\d POST /chat 422 412 ms, cold start\\R");
  }

  @Test
  void aRequestIsOneLineWithItsModelsAndTokens() {
    var console = screen.console().withFunctionLogs(false);
    console.request(response(200, true, true, ""));
    assertThat(screen.text()).isEmpty();

    log(
        console,
        "model_calls",
        "\"ok\":1,\"tried\":\"smollm2 ok\",\"prompt_tokens\":31,\"completion_tokens\":12");

    assertThat(afterTheTime()).isEqualTo("POST /chat 200 streamed smollm2 412 ms, 31 + 12 tokens");
  }

  @Test
  void theCostIsShownIfThereIsOne() {
    var console = screen.console().withFunctionLogs(false);
    log(
        console,
        "model_calls",
        "\"ok\":1,\"tried\":\"m ok\",\"prompt_tokens\":31,\"completion_tokens\":12,"
            + "\"cost_usd\":\"0.000042\"");
    console.request(response(200, true, false, ""));

    assertThat(afterTheTime()).isEqualTo("POST /chat 200 m 412 ms, 31 + 12 tokens, $0.000042");
  }

  @Test
  void aFailedRequestIsOneLineWithTheReason() {
    var console = screen.console().withFunctionLogs(false);
    log(
        console,
        "model_attempt_failed",
        "\"model\":\"smollm2\",\"error\":\"model-unavailable\",\"upstream_status\":500,\"count\":3");
    log(console, "model_call_failed", "\"error\":\"model-unavailable\",\"count\":1");
    log(console, "model_calls", "\"ok\":0,\"tried\":\"smollm2 model-unavailable x3\"");
    console.request(response(503, true, false, ""));

    assertThat(afterTheTime()).isEqualTo("POST /chat 503 smollm2 \u00d73: upstream 500, 412 ms");
  }

  @Test
  void everyModelThatWasTriedIsNamedWithItsOwnReason() {
    var console = screen.console().withFunctionLogs(false);
    log(console, "model_call_skipped", "\"model\":\"a\",\"reason\":\"circuit_open\",\"count\":1");
    log(console, "model_attempt_failed", "\"model\":\"b\",\"limit\":\"first_byte\",\"count\":1");
    log(
        console,
        "model_attempt_failed",
        "\"model\":\"c\",\"upstream_status\":401,\"code\":\"invalid_api_key\",\"count\":1");
    log(
        console,
        "model_calls",
        "\"ok\":2,\"tried\":\"b model-timed-out, c model-misconfigured, d ok x2\"");
    console.request(response(200, true, false, "cut: the caller disconnected"));

    assertThat(afterTheTime())
        .isEqualTo(
            "POST /chat 200 a: circuit open; b: first byte timeout; c: upstream 401"
                + " invalid_api_key; d \u00d72 412 ms, cut: the caller disconnected");
  }

  @Test
  void anotherRequestsModelsAreNotMixedIn() {
    var console = screen.console().withFunctionLogs(false);
    console.function(
        "Chat",
        "{\"event\":\"model_calls\",\"request_id\":\"r-2\",\"ok\":1,\"tried\":\"other ok\"}");
    console.request(response(200, true, false, ""));
    log(console, "model_calls", "\"ok\":1,\"tried\":\"smollm2 ok\"");

    assertThat(afterTheTime()).isEqualTo("POST /chat 200 smollm2 412 ms");
  }

  @Test
  void onlyWhatAnOperatorHasToActOnIsShownOfTheFunctionsLogs() {
    var console = screen.console().withFunctionLogs(false);
    console.function("Chat", "{\"level\":\"INFO\",\"event\":\"request\"}");
    log(console, "model_attempt_failed", "\"model\":\"m\",\"count\":1");
    log(console, "model_credentials_refused", "\"model\":\"m\"");
    log(console, "audit_message_failed", "\"reason\":\"throttled\"");
    console.function("Chat", "java.lang.OutOfMemoryError");
    console.batch("AuditQueue", "2 of 2 messages delivered", true, Duration.ZERO, "Consumer");
    console.batch("AuditQueue", "1 of 2 messages delivered", false, Duration.ZERO, "Consumer");

    assertThat(afterTheTime().lines().map(String::strip))
        .containsExactly(
            "Chat | WARN model_credentials_refused request_id=r-1 model=m",
            "Chat | WARN audit_message_failed request_id=r-1 reason=throttled",
            "Chat | java.lang.OutOfMemoryError",
            "AuditQueue 1 of 2 messages delivered 0 ms, Consumer");
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    screen.console().function("Chat", "\u001b[2J\u0007{\r");
    screen.console().function("Chat", "{\"event\":\"a\\u001b[2J\\nb\"}");
    screen
        .console()
        .request(
            new StackConsole.Response(
                "r", false, "GET", "/\u001b[2J", 404, false, Duration.ZERO, "\u001b"));

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
