package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Failure;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.ProviderError;
import dev.skein.llm.TokenLimit;
import dev.skein.llm.TokenLimit.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeProblemsTest {
  @Test
  void retryAfterIsInWholeSecondsRoundedUp() {
    var outcome =
        new LlmOutcome.Unavailable(new ProviderError(503), Optional.of(Duration.ofMillis(1001)));
    var problem = OutcomeProblems.of(outcome).orElseThrow();

    assertThat(problem.name()).isEqualTo("model-unavailable");
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.headers()).isEqualTo(Map.of("Retry-After", "2", "x-should-retry", "false"));
  }

  @Test
  void aReplyThatBrokeOffIsABadGateway() {
    var problem = OutcomeProblems.of(new LlmOutcome.Cut("the stream ended")).orElseThrow();

    assertThat(problem.name()).isEqualTo("model-cut");
    assertThat(problem.status()).isEqualTo(502);
    assertThat(problem.detail()).isEqualTo("The model's reply broke off before it was complete.");
  }

  static Stream<Arguments> details() {
    return Stream.of(
        arguments(
            unavailable(error(500, "internal_server_error", "")),
            "The model's API answered 500 (internal_server_error)."),
        arguments(unavailable(new ProviderError(503)), "The model's API answered 503."),
        arguments(
            unavailable(error(529, "overloaded", "1305")),
            "The model's API answered 529 (overloaded)."),
        arguments(
            unavailable(NoReply.NOT_CONNECTED),
            "The model's API cannot be reached: no connection could be established."),
        arguments(
            unavailable(NoReply.TLS_FAILED),
            "The model's API cannot be reached: the TLS handshake failed."),
        arguments(
            unavailable(NoReply.CONNECTION_CLOSED),
            "The model's API closed the connection before it sent a reply."),
        arguments(
            unavailable(NoReply.CIRCUIT_OPEN),
            "The model's API was not called, because it failed repeatedly just before: its circuit"
                + " breaker is open."),
        arguments(
            unavailable(NoReply.SHUTTING_DOWN),
            "The call was ended, because this environment of the service is shutting down."),
        arguments(
            new Malformed("the reply has no content"),
            "The model's API sent a reply that does not follow its format."),
        arguments(
            new Malformed("the reply has at least 2 bytes, and the limit is 1", true),
            "The model's API sent a reply that is too large: the reply has at least 2 bytes, and"
                + " the limit is 1."),
        arguments(new TimedOut(Limit.DEADLINE), "The model did not answer before the deadline."),
        arguments(
            new TimedOut(Limit.FIRST_BYTE),
            "The model's API did not begin its reply within LLM_FIRST_BYTE_TIMEOUT_MS."),
        arguments(
            new TimedOut(Limit.FIRST_TOKEN),
            "The model's API sent no token within LLM_FIRST_TOKEN_TIMEOUT_MS."),
        arguments(
            new TimedOut(Limit.WHOLE_REPLY),
            "The model's API did not complete its reply within LLM_WHOLE_REPLY_TIMEOUT_MS."),
        arguments(
            new RateLimited(error(429, "tokens", "rate_limit_exceeded"), Optional.empty()),
            "The model's API is throttling requests: it answered 429 (rate_limit_exceeded)."),
        arguments(
            new Rejected(Reason.CREDENTIALS, error(402, "credit_limit", "")),
            "The model's API rejected this service's configuration: it answered 402"
                + " (credit_limit)."),
        arguments(
            rejected(error(400, "invalid_request_error", "invalid_value"), "temperature"),
            "The model's API rejected this request because of temperature: it answered 400"
                + " (invalid_value)."),
        arguments(
            rejected(new ProviderError(422), ""),
            "The model's API rejected this request: it answered 422."),
        arguments(
            rejected(error(400, "t", "context_length_exceeded"), "messages"),
            "The model's API rejected this request: it exceeds this model's maximum context"
                + " length."),
        arguments(
            exceeding(Kind.CONTEXT, 8192, OptionalLong.of(9000)),
            "The model's API rejected this request: this model's maximum context length is 8192"
                + " tokens, and the request needs 9000."),
        arguments(
            exceeding(Kind.CONTEXT, 8192, OptionalLong.empty()),
            "The model's API rejected this request: this model's maximum context length is 8192"
                + " tokens, and the request needs more."),
        arguments(
            exceeding(Kind.MAX_OUTPUT, 4096, OptionalLong.of(5000)),
            "The model's API rejected this request: this model allows at most 4096 output tokens,"
                + " and the request asks for 5000."),
        arguments(
            exceeding(Kind.MIN_OUTPUT, 16, OptionalLong.of(10)),
            "The model's API rejected this request: this model needs a limit of at least 16 output"
                + " tokens, and the request has 10."));
  }

  @ParameterizedTest
  @MethodSource("details")
  void theDetailSaysWhatHappened(LlmOutcome outcome, String detail) {
    assertThat(OutcomeProblems.of(outcome).orElseThrow().detail()).isEqualTo(detail);
  }

  @Test
  void aContextThatIsTooLongHasTheCodeThatClientsKnow() {
    assertThat(code(exceeding(Kind.CONTEXT, 8192, OptionalLong.empty())))
        .contains("context_length_exceeded");
    assertThat(code(rejected(error(400, "exceed_context_size_error", ""), "")))
        .contains("context_length_exceeded");
    assertThat(code(exceeding(Kind.MAX_OUTPUT, 8192, OptionalLong.empty())))
        .contains("BadRequestError");
  }

  @Test
  void aCodeThatIsANumberGivesWayToTheType() {
    assertThat(code(rejected(error(400, "invalid_model", "1500"), ""))).contains("invalid_model");
    assertThat(code(rejected(error(400, "", "1500"), ""))).contains("1500");
  }

  private static Optional<String> code(LlmOutcome outcome) {
    return OutcomeProblems.of(outcome).orElseThrow().upstream().code();
  }

  private static ProviderError error(int status, String type, String code) {
    return new ProviderError(status, present(type), present(code));
  }

  private static Optional<String> present(String text) {
    return Optional.of(text).filter(it -> !it.isEmpty());
  }

  private static Unavailable unavailable(Failure failure) {
    return new Unavailable(failure, Optional.empty());
  }

  private static Rejected rejected(ProviderError error, String parameter) {
    return new Rejected(Reason.REQUEST, error, present(parameter), Optional.empty());
  }

  private static Rejected exceeding(Kind kind, long allowed, OptionalLong requested) {
    var error = error(400, "BadRequestError", "");
    var limit = new TokenLimit(kind, allowed, requested);
    return new Rejected(Reason.REQUEST, error, Optional.empty(), Optional.of(limit));
  }

  @Test
  void anAnswerIsNoProblem() {
    assertThat(OutcomeProblems.of(new LlmOutcome.Completed("", "length", "", Optional.empty())))
        .isEmpty();
  }
}
