package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.api.testing.ApiCall;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.Chunks;
import dev.skein.faults.ScriptedReply;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /chat} with {@code "stream": true}. */
@Timeout(30)
class ChatStreamTest {
  private static final String HELLO = "{\"message\":\"Hello\",\"stream\":true}";

  private final TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private RecordedResponse chat(String body) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    return RecordedResponse.of(
        function, ApiCall.event("POST", "/chat", body), Duration.ofMinutes(10));
  }

  @Test
  void theAnswerComesAsDeltasAndThenDone() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo\n😀"));

    var response = chat(HELLO);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("Content-Type", "text/event-stream; charset=utf-8")
        .containsEntry("Cache-Control", "no-cache")
        .containsEntry("X-Request-Id", "req-1")
        .containsEntry("X-Skein-Audit-Id", "audit-1");
    assertThat(response.events())
        .containsExactly(
            "event: delta data: {\"text\":\"Hel\"}",
            "event: delta data: {\"text\":\"lo\\n😀\"}",
            "event: done data:"
                + " {\"model\":\"scripted\",\"finish_reason\":\"stop\",\"truncated\":false,"
                + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
                + "\"cached_tokens\":null,\"cache_write_tokens\":null,"
                + "\"reasoning_tokens\":null,\"service_tier\":null},\"cost_usd\":null,"
                + "\"request_id\":\"req-1\",\"audit_id\":\"audit-1\"}");
    assertThat(response.failure()).isEmpty();
    assertThat(response.limit()).isPositive();
    assertThat(world.queue().records()).hasSize(2);
  }

  @Test
  void aStreamThatIsCutEndsInAnErrorAndNeverInDone() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo").first(2).ending(Chunks.Ending.CLOSED));

    var response = chat(HELLO);

    assertThat(response.events()).hasSize(2);
    assertThat(response.events().getLast())
        .startsWith("event: error data: {\"type\":\"urn:skein:problem:model-cut\"");
    assertThat(response.failure()).isEqualTo("urn:skein:problem:model-cut");
    assertThat(world.queue().records().getLast().path("error").textValue()).isEqualTo("model-cut");
  }

  @Test
  void anUnknownUsageIsNull() {
    world.model().enqueue(ScriptedReply.stream("x").usage(Optional.empty()));

    assertThat(chat(HELLO).events().getLast()).contains("\"usage\":null");
    assertThat(world.queue().records().getLast().path("total_tokens").isNull()).isTrue();
  }

  @Test
  void whatFailsBeforeTheFirstTokenIsAProblem() {
    world.model().enqueue(ScriptedReply.html());

    var response = chat(HELLO);

    assertThat(response.status()).isEqualTo(502);
    assertThat(response.headers()).containsEntry("Content-Type", "application/problem+json");
    assertThat(response.failure()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1", "'\"true\"'", "{}"})
  void streamIsTrueOrFalse(String value) {
    var response = chat("{\"message\":\"Hello\",\"stream\":" + value + "}");

    assertThat(response.status()).isEqualTo(422);
    assertThat(response.json().at("/errors/0/pointer").textValue()).isEqualTo("/stream");
  }

  @Test
  void whoDoesNotAskForAStreamGetsNone() {
    assertThat(chat("{\"message\":\"Hello\",\"stream\":false}").json().path("response").textValue())
        .isEqualTo("reply to: Hello");
  }
}
