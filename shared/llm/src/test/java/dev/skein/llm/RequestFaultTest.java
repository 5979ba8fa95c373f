package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Json;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.TokenLimit.Kind;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFaultTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "8192 | 8227 | This model's maximum context length is 8192 tokens. However, your messages"
            + " resulted in 8227 tokens. Please reduce the length of the messages.",
        "131072 | 131134 | This model's maximum context length is 131072 tokens. However, you"
            + " requested 131134 tokens (122942 in the messages, 8192 in the completion).",
        "4097 | 4162 | This model's maximum context length is 4097 tokens, however you requested"
            + " 4162 tokens (1090 in your prompt; 3072 for the completion).",
        "131072 | 140000 | This endpoint's maximum context length is 131072 tokens. However, you"
            + " requested about 140000 tokens (139000 of text input, 1000 in the output).",
        "8192 | 9000 | Requested token count exceeds the model's maximum context length of 8192"
            + " tokens. You requested a total of 9000 tokens: 8000 from the input messages.",
        "128000 | 128001 | This model's maximum context length is 128000 tokens. However, you"
            + " requested 65535 output tokens and your prompt contains at least 62466 input tokens,"
            + " for a total of at least 128001 tokens.",
        "10240 | 32057 | 'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's"
            + " maximum context length is 10240 tokens and your request has 57 input tokens"
            + " (32000 > 10240 - 57).",
        "8192 | 9000 | The input (9000 tokens) is longer than the model's context length (8192"
            + " tokens).",
        "8192 | 9000 | Input length (9000) exceeds model's maximum context length (8192).",
        "8192 | 9000 | The decoder prompt (length 9000) is longer than the maximum model length of"
            + " 8192.",
        "8192 | 10000 | You passed 9000 input tokens and requested 1000 output tokens. However, the"
            + " model's context length is only 8192 tokens, resulting in less.",
        "4096 | 4390 | request (4390 tokens) exceeds the available context size (4096 tokens), try"
            + " increasing it",
        "2048 | 2285 | Requested tokens (2285) exceed context window of 2048",
        "4096 | 13055 | The number of tokens to keep from the initial prompt is greater than the"
            + " context length (n_keep: 13055>= n_ctx: 4096). Try to load the model.",
        "7866 | 10136 | Trying to keep the first 10136 tokens when context the overflows. However,"
            + " the model is loaded with context length of only 7866 tokens, which is not enough.",
        "32768 | 41911 | Prompt too long: 41911 tokens exceeds max context window of 32768 tokens",
        "4096 | 9240 | Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."
            + " Given: 8740 `inputs` tokens and 500 `max_new_tokens`",
        "200000 | 207791 | prompt is too long: 207791 tokens > 200000 maximum",
        "200000 | 242958 | input length and `max_tokens` exceed context limit: 178958 + 64000 >"
            + " 200000, decrease input length or `max_tokens` and try again",
        "1048576 | 1200293 | The input token count (1200293) exceeds the maximum number of tokens"
            + " allowed (1048576).",
        "1048576 | | The input token count exceeds the maximum number of tokens allowed 1048576.",
        "131072 | 136973 | This model's maximum prompt length is 131072 but the request contains"
            + " 136973 tokens.",
        "32768 | 40000 | Prompt contains 40000 tokens and 0 draft tokens, too large for model with"
            + " 32768 maximum context length",
        "131071 | 140000 | The prompt is too long: 140000, model maximum context length: 131071",
        "8192 | 9000 | Please reduce the length of the messages or completion. Current length is"
            + " 9000 while limit is 8192",
        "131072 | | Invalid request: Your request exceeded model token limit: 131072",
        "129024 | | InternalError.Algo.InvalidParameter: Range of input length should be [1,"
            + " 129024]",
      })
  void theNumbersOfTheContextAreReadInEveryKnownSentence(
      long allowed, @Nullable Long requested, String message) {
    assertThat(limit(message)).contains(new TokenLimit(Kind.CONTEXT, allowed, optional(requested)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "MAX_OUTPUT | 16384 | 20480 | max_tokens is too large: 20480. This model supports at most"
            + " 16384 completion tokens, whereas you provided 20480.",
        "MAX_OUTPUT | 8192 | | Invalid max_tokens value, the valid range of max_tokens is [1,"
            + " 8192]",
        "MAX_OUTPUT | 8000 | | max_tokens for `llama-3.1-8b-instant` must be less than or equal to"
            + " 8000",
        "MAX_OUTPUT | 40960 | | `max_completion_tokens` must be less than or equal to `40960`, the"
            + " maximum value for `max_completion_tokens` is less than the `context_window`",
        "MAX_OUTPUT | 64000 | 128001 | max_tokens: 128001 > 64000, which is the maximum allowed"
            + " number of output tokens for claude-opus-4-5-20251101",
        "MAX_OUTPUT | 12288 | 32000 | The parameter `max_completion_tokens` specified in the"
            + " request are not valid: integer above maximum value, expected a value <= 12288, but"
            + " got 32000 instead. Request id: 02177529",
        "MIN_OUTPUT | 16 | 10 | Invalid 'max_output_tokens': integer below minimum value. Expected"
            + " a value >= 16, but got 10 instead.",
      })
  void theNumbersOfTheReplysBoundAreRead(
      Kind kind, long allowed, @Nullable Long requested, String message) {
    assertThat(limit(message)).contains(new TokenLimit(kind, allowed, optional(requested)));
  }

  @Test
  void theNumbersOfLlamaCppAreFields() {
    String body =
        "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\","
            + "\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":14429,\"n_ctx\":8192}}";

    assertThat(rejected(body).limit())
        .contains(new TokenLimit(Kind.CONTEXT, 8192, OptionalLong.of(14429)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Limit 6000, Requested 14810, please reduce your message size",
        "This model's maximum context length is many tokens",
        "prompt is too long: 99999999999 tokens > 88888888888 maximum",
        "It can only afford 2666",
      })
  void noOtherNumberIsRead(String message) {
    assertThat(limit(message)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "temperature",
        "messages",
        "messages[0].content",
        "messages.[3].tool_calls[0].function.arguments",
        "tools.12.function.parameters",
        "max_completion_tokens",
      })
  void aKnownParameterIsKept(String name) {
    assertThat(parameter(name)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"validation_error", "messages.sk-secret", "tools[0].my_field", "user name", ""})
  void anyOtherParameterIsNot(String name) {
    assertThat(parameter(name)).isEmpty();
  }

  @Test
  void thePlaceThatFastApiNamesIsTheParameter() {
    String body = "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"store\"]}]}";

    assertThat(rejected(body).parameter()).contains("store");
  }

  private static Optional<TokenLimit> limit(String message) {
    var body = Json.object();
    body.putObject("error").put("message", message).put("type", "invalid_request_error");
    return rejected(body.toString()).limit();
  }

  @Test
  void aValidatorsLocationNamesTheParameter() {
    String mistral =
        "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
            + "\"stream_options\",\"include_usage\"]}]},\"type\":\"invalid_request_error\"}";

    assertThat(rejected(mistral).parameter()).contains("stream_options.include_usage");
  }

  private static Optional<String> parameter(String name) {
    var body = Json.object();
    body.putObject("error").put("param", name);
    return rejected(body.toString()).parameter();
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Rejected rejected(String body) {
    var answer =
        new AttemptResult.Answered(
            400, HttpHeaders.of(Map.of(), (_, _) -> true), StandardCharsets.UTF_8.encode(body));
    return (Rejected) ErrorReply.outcome(answer, Instant.EPOCH);
  }
}
