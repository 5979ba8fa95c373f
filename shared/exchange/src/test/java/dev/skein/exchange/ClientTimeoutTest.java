package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.StreamedBody;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A call ends shortly before the caller's OpenAI client gives up. */
@Timeout(30)
class ClientTimeoutTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Map<String, String> ONE_SECOND = Map.of("x-stainless-read-timeout", "1");
  private static final Map<String, String> FIVE_SECONDS = Map.of("x-stainless-read-timeout", "5");

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private ApiResponse run(Map<String, String> headers, Optional<Duration> timeout, boolean stream) {
    var request =
        new ApiRequest(
            "POST", "/v1/test", headers, Map.of(), "", "req-1", "key-1", ErrorFormat.OPENAI);
    var asked = new LlmRequest("m-1", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
    var environment = world.environment();
    return environment
        .exchange()
        .run(
            request,
            Deadline.in(Duration.ofMinutes(10), System::nanoTime),
            new AuditedExchange.Subject("/v1/test", "ann", "m-1", "Hi"),
            timeout,
            started ->
                started.ask(
                    environment.llm(),
                    asked,
                    stream,
                    new Texts(),
                    _ -> new Rendered.Document(Json.object())));
  }

  private record Texts() implements StreamFormat {

    @Override
    public String piece(Delta delta) {
      return delta.text();
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      return " done";
    }

    @Override
    public String error(ObjectNode document) {
      return " error";
    }
  }

  /** It begins at once, and takes some twenty times as long as a pause. */
  private static ScriptedReply slowStream(Duration pause) {
    String[] tokens = "word ".repeat(40).split(" ", 0);
    return ScriptedReply.stream(tokens).pieces(400, pause);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aSilentProviderIsLeftBeforeTheClientRetries(boolean stream) throws Exception {
    world.model().script(_ -> ScriptedReply.hang());

    // A busy machine gets the margin of a longer time.
    var response = run(FIVE_SECONDS, Optional.empty(), stream);
    response.afterwards().run();

    assertThat(response.status()).isEqualTo(504);
    assertThat(response.headers()).containsEntry("x-should-retry", "false");
    var record = world.queue().records().getLast();
    assertThat(record.get("error").textValue()).isEqualTo("model-timed-out");
    assertThat(record.get("latency_ms").intValue()).isLessThan(5000);
    world.model().awaitClientClosed(1, SOON);
    assertThat(world.model().received()).hasSize(1);
  }

  @Test
  void aStreamThatHasBegunMayTakeLonger() {
    world.model().enqueue(slowStream(Duration.ofMillis(350)));

    // Of a second, a busy machine may need too much until the stream has begun.
    var response = run(FIVE_SECONDS, Optional.empty(), true);
    var problem = ((StreamedBody) response.body()).writeTo(OutputStream.nullOutputStream());
    response.afterwards().run();

    assertThat(problem).isEmpty();
    var record = world.queue().records().getLast();
    assertThat(record.get("latency_ms").intValue()).isGreaterThan(5000);
  }

  @Test
  void inTheStrictModeAStreamIsHeldSoItMustBeCompleteInTime() throws Exception {
    stop();
    world = TestEnvironment.with(Map.of("AUDIT_MODE", "strict"));
    world.model().enqueue(slowStream(Duration.ofMillis(100)));

    assertThat(run(ONE_SECOND, Optional.empty(), true).status()).isEqualTo(504);
    world.model().awaitClientClosed(1, SOON);
  }

  @Test
  void theCallersOwnTimeoutTakesPrecedence() {
    world.model().script(_ -> ScriptedReply.text("well").after(Duration.ofMillis(1200)));

    var response = run(ONE_SECOND, Optional.of(Duration.ofSeconds(20)), false);

    assertThat(response.status()).isEqualTo(200);
  }
}
