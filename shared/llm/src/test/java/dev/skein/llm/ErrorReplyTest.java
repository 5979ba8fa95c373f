package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorReplyTest {

  @ParameterizedTest
  @CsvSource({
    "400, REQUEST",
    "401, CREDENTIALS",
    "402, CREDENTIALS",
    "403, CREDENTIALS",
    "404, ENDPOINT",
    "405, ENDPOINT",
    "413, REQUEST",
    "418, REQUEST",
    "422, REQUEST",
  })
  void aStatusAloneSaysWhoseFaultARejectionIs(int status, Reason reason) {
    assertThat(outcome(status, "")).isEqualTo(new Rejected(reason, new ProviderError(status)));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 424, 498, 499, 500, 501, 503, 529, 599})
  void theProviderFailedAndMayAnswerLater(int status) {
    assertThat(outcome(status, ""))
        .isEqualTo(new Unavailable(new ProviderError(status), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error': {'type': 'insufficient_quota', 'code': null}}",
        "{'error': {'type': 'x', 'code': 'insufficient_quota'}}",
        "{'error': {'type': 'exceeded_current_quota_error'}}",
        "{'error': {'code': '1113', 'type': 'rate_limit_error'}}",
        "{'object': 'error', 'type': 'insufficient_quota', 'code': 429}",
      })
  void aThrottleThatIsAboutMoneyIsTheOperators(String body) {
    assertThat(outcome(429, body))
        .isInstanceOfSatisfying(Rejected.class, isFor(Reason.CREDENTIALS));
  }

  @Test
  void aThrottleNamesTheProvidersWords() {
    var error = new ProviderError(429, Optional.of("tokens"), Optional.of("rate_limit_exceeded"));

    assertThat(outcome(429, "{'error': {'type': 'tokens', 'code': 'rate_limit_exceeded'}}"))
        .isEqualTo(new RateLimited(error, Optional.empty()));
  }

  @Test
  void theDelayInGooglesBodyIsWhatItAsksUsToWait() {
    String body =
        "[{'error': {'code': 429, 'status': 'RESOURCE_EXHAUSTED', 'details': ["
            + "{'violations': []}, {'retryDelay': '20.5s'}]}}]";

    assertThat(outcome(429, body))
        .isEqualTo(
            new RateLimited(
                new ProviderError(429, Optional.of("RESOURCE_EXHAUSTED"), Optional.empty()),
                Optional.of(Duration.ofMillis(20_500))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "CREDENTIALS | [{'error': {'code': 400, 'status': 'INVALID_ARGUMENT',"
            + " 'details': [{'reason': 'API_KEY_INVALID'}]}}]",
        "CREDENTIALS | {'error': {'code': 'invalid_api_key'}}",
        "CREDENTIALS | {'error': {'code': 'billing_hard_limit_reached'}}",
        "CREDENTIALS | {'code': 'Arrearage', 'message': 'overdue'}",
        "CREDENTIALS | {'code': 'Some prose', 'error': 'Incorrect API key provided: x***y.'}",
        "CREDENTIALS | {'error': {'type': 'budget_exceeded', 'code': '400'}}",
        "CREDENTIALS | {'type': 'error', 'error': {'type': 'invalid_request_error',"
            + " 'message': 'Your credit balance is too low to access the API.'}}",
        "ENDPOINT    | {'error': {'code': 'model_decommissioned'}}",
        "ENDPOINT    | {'code': 20012, 'message': 'x', 'data': null}",
        "ENDPOINT    | {'object': 'error', 'type': 'invalid_model', 'code': '1500'}",
        "REQUEST     | {'error': {'message': 'You said: Incorrect API key provided'}}",
        "REQUEST     | [{'error': {'code': 400, 'status': 'INVALID_ARGUMENT'}}]",
      })
  void aBadRequestIsTheCallersUnlessItsWordsBlameTheOperator(Reason reason, String body) {
    assertThat(outcome(400, body)).isInstanceOfSatisfying(Rejected.class, isFor(reason));
  }

  @Test
  void aSuspendedAccountIsTheOperators() {
    assertThat(outcome(412, "{'error': {'code': 'PRECONDITION_FAILED', 'type': 'error'}}"))
        .isInstanceOfSatisfying(Rejected.class, isFor(Reason.CREDENTIALS));
  }

  @Test
  void aRequestThatModerationStoppedIsTheCallers() {
    String body = "{'error': {'code': 403, 'metadata': {'flagged_input': 'x'}}}";

    assertThat(outcome(403, body)).isInstanceOfSatisfying(Rejected.class, isFor(Reason.REQUEST));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "invalid_request_error | bad | {'error': {'type': 'invalid_request_error', 'code': 'bad'}}",
        "BadRequestError       |     | {'error': {'type': 'BadRequestError', 'code': 400}}",
        "BadRequestError       |     | {'object': 'error', 'type': 'BadRequestError', 'code': 400}",
        "                      |     | {'error': {'message': 'x', 'type': null, 'code': '400'}}",
        "validation            |     | {'error': 'prose', 'error_type': 'validation'}",
        "                      |     | {'error': 'prose'}",
        "                      |     | {'detail': 'prose'}",
        "missing               |     | {'detail': [{'type': 'missing', 'msg': 'prose'}]}",
        "                      | Bad | {'code': 'Bad', 'message': 'prose'}",
        "INVALID_ARGUMENT      |     | [{'error': {'code': 400, 'status': 'INVALID_ARGUMENT'}}]",
        "bad_request           |     | {'type': 'error', 'error': {'type': 'bad_request'}}",
        "ValidationException   |     | {'__type': 'com.amazon#ValidationException'}",
        "                      | 40303 | {'object': 'error', 'code': 40303}",
        "t                     | c   | {'error': {'code': 400, 'metadata':"
            + " {'raw': '{\\\"error\\\": {\\\"type\\\": \\\"t\\\", \\\"code\\\": \\\"c\\\"}}'}}}",
        "                      |     | {'error': {'type': 'in prose', 'code': 'in prose, too'}}",
        "                      |     | <html>Bad gateway</html>",
        "                      |     | []",
        "                      |     | 7",
      })
  void theWordsAreFoundInEveryKnownFormOfABody(String type, String code, String body) {
    assertThat(outcome(400, body))
        .isEqualTo(
            new Rejected(
                Reason.REQUEST,
                new ProviderError(400, Optional.ofNullable(type), Optional.ofNullable(code))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "true  | {'error': {'type': 'invalid_request_error'}}",
        "true  | {'object': 'error', 'type': 'BadRequestError', 'code': 400}",
        "true  | {'error': {'code': 500, 'type': 'exceed_context_size_error', 'n_ctx': 256}}",
        "true  | {'error': 'x', 'error_type': 'validation'}",
        "true  | {'error': {'type': 'value_error'}}",
        "true  | {'error': {'code': 'invalid_parameter_error'}}",
        "false | {'error': {'type': 'server_error', 'code': 'invalid_request_error'}}",
        "true  | {'error': {'message': 'Context size has been exceeded.', 'type': 'server_error'}}",
        "false | {'error': {'type': 'internal_server_error'}}",
        "false | {'error': {'message': 'invalid_request_error'}}",
        "false | ",
      })
  void anAnswerOf500CanBlameTheRequest(boolean blames, String body) {
    assertThat(ErrorReply.blamesRequest(answer(500, body))).isEqualTo(blames);
    assertThat(ErrorReply.blamesRequest(answer(400, body))).isFalse();
  }

  @Test
  void aPrintedListOfInvalidFieldsBlamesTheRequest() {
    String body =
        "{\"error\": {\"message\": \"[{'type': 'int_type', 'loc': ('body', 'max_tokens'), 'msg':"
            + " 'x'}]\", \"type\": \"internal_server_error\", \"code\": null}}";

    assertThat(ErrorReply.blamesRequest(answerOf(500, body))).isTrue();
  }

  @Test
  void aPrintedNumberOfInvalidFieldsBlamesTheRequest() {
    String body =
        "{\"error\": {\"message\": \"1 validation error:\\n  {'type': 'literal_error', 'loc':"
            + " ('body', 'response_format', 'type')}\", \"type\": \"internal_server_error\"}}";

    assertThat(ErrorReply.blamesRequest(answerOf(500, body))).isTrue();
  }

  private static Consumer<Rejected> isFor(Reason reason) {
    return it -> assertThat(it.reason()).isEqualTo(reason);
  }

  private static LlmOutcome outcome(int status, String body) {
    return ErrorReply.outcome(answer(status, body), Instant.EPOCH);
  }

  /** An answer whose body has single quotes. */
  private static AttemptResult.Answered answer(int status, String body) {
    return answerOf(status, String.valueOf(body).replace('\'', '"'));
  }

  private static AttemptResult.Answered answerOf(int status, String body) {
    return new AttemptResult.Answered(
        status, HttpHeaders.of(Map.of(), (_, _) -> true), StandardCharsets.UTF_8.encode(body));
  }
}
