package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.llm.TokenLimit.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an error's body says about the caller's own request: the parameter at fault, and the numbers
 * of a limit. Providers' messages can contain the prompt, keys and account IDs, so only names from
 * a list and integers out of known sentences are read from them.
 */
final class RequestFault {
  /** The parameters of the OpenAI API, and the places within messages and tools. */
  private static final Predicate<String> PARAMETER =
      Pattern.compile(
              "(audio|best_of|dimensions|echo|encoding_format|frequency_penalty|function_call|functions|input|logit_bias|logprobs"
                  + "|max_completion_tokens|max_tokens|messages|metadata|modalities|model|n"
                  + "|parallel_tool_calls|prediction|presence_penalty|prompt|prompt_cache_key"
                  + "|reasoning_effort|response_format|safety_identifier|seed|service_tier|stop"
                  + "|store|stream|stream_options|suffix|temperature|tool_choice|tools|top_logprobs|top_p"
                  + "|user|verbosity|web_search_options)"
                  + "([.]?\\[\\d{1,4}\\]|[.]\\d{1,4}|[.](arguments|content|detail|effort|file|function"
                  + "|id|image_url|include_usage|input_audio|json_schema|name|parameters|role|schema"
                  + "|strict|text|tool_call_id|tool_calls|type|url)){0,8}")
          .asMatchPredicate();

  /** In these sentences, L is the limit, U what the request uses, and M more of it. */
  private static final List<Sentence> SENTENCES =
      List.of(
          // vLLM
          context(
              "is too large: U\\. This model's maximum context length is L tokens and your request"
                  + " has M input tokens"),
          context("maximum context length is L tokens.{0,120}? for a total of at least U tokens"),
          context("U input tokens and requested M output tokens.{0,60}? context length is only L "),
          context("length U\\) is longer than the maximum model length of L"),
          // vLLM, SGLang
          context("input \\(U tokens\\) is longer than the model's context length \\(L tokens"),
          context("Input length \\(U\\) exceeds (?:the )?model's maximum context length \\(L\\)"),
          // OpenAI, DeepSeek, OpenRouter, SGLang, llama-cpp-python
          context(
              "maximum context length (?:is|of) L tokens.{0,60}?"
                  + " (?:you requested|resulted in)(?: about| a total of)? U tokens"),
          context("maximum context length is L tokens"),
          context("Requested tokens \\(U\\) exceed context window of L"),
          // llama.cpp, LM Studio, oMLX
          context("request \\(U tokens\\) exceeds the available context size \\(L tokens"),
          context("n_keep: U\\s?>= n_ctx: L"),
          context("keep the first U tokens.{0,100}? context length of only L tokens"),
          context("Prompt too long: U tokens exceeds max context window of L tokens"),
          // Hugging Face TGI
          context(
              "`inputs` tokens \\+ `max_new_tokens` must be <= L\\. Given: U .{0,20}? and M `max"),
          context("`inputs` must have less than L tokens\\. Given: U"),
          // Anthropic
          context("prompt is too long: U tokens > L maximum"),
          context("exceed context limit: U \\+ M > L"),
          // Gemini
          context("input token count \\(U\\) exceeds the maximum number of tokens allowed \\(?L"),
          context("input token count exceeds the maximum number of tokens allowed \\(?L"),
          // xAI, Mistral, Fireworks, Cerebras, Moonshot, DashScope
          context("maximum prompt length is L but the request contains U tokens"),
          context("Prompt contains U tokens.{0,40}? too large for model with L maximum context"),
          context("prompt is too long: U, model maximum context length: L"),
          context("Current length is U while limit is L"),
          context("exceeded model token limit: L"),
          context("Range of input length should be \\[\\d{1,9}, L\\]"),
          // OpenAI; Anthropic; DeepSeek, DashScope; Groq; Volcengine
          maxOutput("too large: U\\. This model supports at most L completion tokens"),
          maxOutput("max_tokens: U > L, which is the maximum allowed number of output tokens"),
          maxOutput("range of max_(?:completion_)?tokens (?:is|should be) \\[\\d{1,9}, L\\]"),
          maxOutput("max_(?:completion_)?tokens`?.{0,60}? must be less than or equal to `?L"),
          maxOutput("max_(?:completion_)?tokens.{0,90}? expected a value <= L, but got U instead"),
          // OpenAI's Responses API behind a relay
          minOutput("max_(?:completion_|output_)?tokens.{0,60}? value >= ?L, but got U instead"));

  private RequestFault() {}

  private record Sentence(Kind kind, Pattern pattern) {}

  private static Sentence context(String form) {
    return sentence(Kind.CONTEXT, form);
  }

  private static Sentence maxOutput(String form) {
    return sentence(Kind.MAX_OUTPUT, form);
  }

  private static Sentence minOutput(String form) {
    return sentence(Kind.MIN_OUTPUT, form);
  }

  private static Sentence sentence(Kind kind, String form) {
    String regex = form.replaceAll("\\b([LUM])\\b", "\\\\b(?<$1>\\\\d{1,9})\\\\b");
    return new Sentence(kind, Pattern.compile(regex, Pattern.CASE_INSENSITIVE));
  }

  /** The parameter at fault, if it is one of the OpenAI API's. */
  static Optional<String> parameter(ErrorBody body) {
    return body.param().filter(PARAMETER);
  }

  /** The limit that the request does not keep, if the body states it in a known way. */
  static Optional<TokenLimit> tokenLimit(ErrorBody body) {
    return llamaCpp(body.fields())
        .or(
            () ->
                SENTENCES.stream()
                    .flatMap(sentence -> limit(sentence, body.message()))
                    .findFirst());
  }

  /** llama.cpp has the numbers in fields. */
  private static Optional<TokenLimit> llamaCpp(JsonNode error) {
    int allowed = error.path("n_ctx").asInt(0);
    int prompt = error.path("n_prompt_tokens").asInt(0);
    return allowed > 0 && prompt > 0
        ? Optional.of(new TokenLimit(Kind.CONTEXT, allowed, OptionalLong.of(prompt)))
        : Optional.empty();
  }

  private static Stream<TokenLimit> limit(Sentence sentence, String message) {
    Matcher found = sentence.pattern().matcher(message);
    return found.find()
        ? Stream.of(new TokenLimit(sentence.kind(), number(found, "L"), requested(found)))
        : Stream.empty();
  }

  private static OptionalLong requested(Matcher found) {
    if (!found.namedGroups().containsKey("U")) {
      return OptionalLong.empty();
    }
    long more = found.namedGroups().containsKey("M") ? number(found, "M") : 0;
    return OptionalLong.of(number(found, "U") + more);
  }

  private static long number(Matcher found, String group) {
    return Long.parseLong(found.group(group));
  }
}
