package dev.skein.exchange;

import static dev.skein.exchange.RecordedExchange.TEXT;
import static dev.skein.exchange.RecordedExchange.TOOLS;
import static dev.skein.exchange.RecordedExchange.chunk;
import static dev.skein.exchange.RecordedExchange.passThrough;
import static dev.skein.exchange.RecordedExchange.sha256;
import static dev.skein.exchange.RecordedExchange.textOnly;
import static dev.skein.exchange.RecordedExchange.unpacked;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of the texts of a message and its reply. */
@Timeout(30)
class RecordedTextTest {
  private final RecordedExchange exchange = new RecordedExchange();

  @AfterEach
  void stop() {
    exchange.close();
  }

  @Test
  void theCharactersOfWhatWasReleasedAreCountedIfAStreamIsCut() throws Exception {
    exchange.streams(chunk("{\"content\":\"" + TEXT + "\"}", "null"));

    JsonNode record = exchange.record(textOnly(), true);

    assertThat(record.path("error").textValue()).isEqualTo("model-cut");
    assertThat(record.path("response_length").intValue()).isEqualTo(211);
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256(TEXT));
    assertThat(record.path("finish_reason").isNull()).isTrue();
    assertThat(record.path("provider_request_ids").path(0).textValue()).isEqualTo("req_9");
  }

  @Test
  void aHeldStreamThatIsCutHasNoText() {
    exchange.restart("AUDIT_MODE", "strict");
    exchange.streams(chunk("{\"content\":\"" + TEXT + "\"}", "null"));

    JsonNode record = exchange.record(textOnly(), true);

    assertThat(record.path("response_preview").textValue()).isEmpty();
    assertThat(record.path("response_length").intValue()).isZero();
  }

  @Test
  void halvesOfACharacterInTwoChunksAreOneCharacter() throws Exception {
    exchange.restart("AUDIT_PREVIEW_CHARS", "6");
    exchange.streams(
        chunk("{\"content\":\"Hello\"}", "null"),
        chunk("{\"content\":\"\\ud83e\"}", "null"),
        chunk("{\"content\":\"\\udebf!\"}", "\"stop\""),
        "data: [DONE]\n\n");

    JsonNode record = exchange.record(passThrough(), true);

    assertThat(record.path("response_preview").textValue()).isEqualTo("Hello\ud83e\udebf");
    assertThat(record.path("response_length").intValue()).isEqualTo(7);
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256("Hello\ud83e\udebf!"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTextOfMoreThanAMebibyteIsCountedWhole(boolean stream) throws Exception {
    String text = "x".repeat((1 << 20) + 5);
    if (stream) {
      exchange.streamsAll(text, "[]", "stop");
    } else {
      exchange.replies(Map.of(), text, "[]", "stop");
    }

    JsonNode record = exchange.record(passThrough(), stream);

    assertThat(record.path("response_length").intValue()).isEqualTo(text.length());
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256(text));
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,streamed"})
  void fullContentIsSentBesideTheRecord(String mode, String form) throws Exception {
    exchange.restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "full");
    exchange.streamsAll(TEXT, "[]", "stop");

    exchange.ask("Question " + TEXT, textOnly(), form.equals("streamed"), Map.of());

    var intent = exchange.world().queue().records().getFirst();
    assertThat(unpacked(intent.at("/content/message"))).isEqualTo("Question " + TEXT);
    assertThat(intent.path("message_sha256").textValue()).isEqualTo(sha256("Question " + TEXT));
    assertThat(intent.path("prompt_sha256")).isEqualTo(intent.path("message_sha256"));
    assertThat(intent.path("prompt_length")).isEqualTo(intent.path("message_length"));
    var completed = exchange.world().queue().records().getLast();
    assertThat(unpacked(completed.at("/content/response"))).isEqualTo(TEXT);
    assertThat(completed.path("content").has("message")).isFalse();
    assertThat(completed.path("prompt_sha256")).isEqualTo(intent.path("prompt_sha256"));
    assertThat(completed.path("prompt_length")).isEqualTo(intent.path("prompt_length"));
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,streamed", "default,cut"})
  void withoutContentNoTextIsAnywhere(String mode, String form) {
    exchange.restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "none");
    exchange
        .world()
        .queue()
        .acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
    if (mode.equals("strict")) {
      exchange.world().queue().acknowledgeBy(() -> CompletableFuture.completedFuture(null));
    }
    if (form.equals("cut")) {
      exchange.streams(chunk("{\"content\":\"canary\"}", "null"));
    } else {
      exchange.streamsAll("canary", TOOLS, "stop");
    }

    exchange.ask("canary " + TEXT, passThrough(), !form.equals("whole"), Map.of());

    assertThat(exchange.world().queue().records().toString()).doesNotContain("canary", "skein is");
    assertThat(exchange.world().lines().toString()).doesNotContain("canary", "skein is");
    var intent = exchange.world().queue().records().getFirst();
    assertThat(intent.path("message_preview").textValue()).isEmpty();
    assertThat(intent.path("message_sha256").isNull()).isTrue();
    assertThat(intent.path("message_length").intValue()).isEqualTo(218);
    assertThat(intent.has("prompt_length")).isFalse();
    assertThat(intent.has("prompt_sha256")).isFalse();
  }

  @Test
  void bothPhasesHaveOneSalt() {
    exchange.world().model().enqueue(ScriptedReply.text("Hello"));

    exchange.ask("Hi", textOnly(), false, Map.of());

    assertThat(exchange.world().queue().records())
        .hasSize(2)
        .allSatisfy(
            record ->
                assertThat(record.path("content_salt").textValue())
                    .isEqualTo(TestEnvironment.SALT));
  }
}
