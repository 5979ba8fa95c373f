package dev.skein.llm;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Why a model stopped, in the words of the APIs that Skein may meet, in any case. As of November
 * 2026:
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/object">OpenAI: stop, length,
 *     tool_calls, function_call, content_filter</a>
 * @see <a href="https://docs.claude.com/en/api/handling-stop-reasons">Anthropic: end_turn,
 *     stop_sequence, max_tokens, tool_use, refusal, model_context_window_exceeded</a>
 * @see <a href="https://ai.google.dev/api/generate-content#FinishReason">Gemini: the upper-case
 *     words</a>
 * @see <a href="https://docs.mistral.ai/api/">Mistral: model_length, error</a>
 * @see <a href="https://huggingface.co/docs/text-generation-inference">TGI, Together: eos_token,
 *     eos</a>
 * @see <a href="https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html">
 *     Bedrock: guardrail_intervened, content_filtered</a>
 * @see <a href="https://docs.cohere.com/reference/chat">Cohere: COMPLETE, ERROR, ERROR_LIMIT,
 *     ERROR_TOXIC, USER_CANCEL</a>
 * @see <a href="https://api-docs.deepseek.com/api/create-chat-completion">DeepSeek:
 *     insufficient_system_resource</a>
 * @see <a href="https://docs.bigmodel.cn">Zhipu: sensitive, network_error</a>
 * @see <a href="https://docs.vllm.ai/en/latest/">vLLM, SGLang: abort</a>
 */
enum FinishReason {
  /** No reason yet: some servers write the word. */
  NONE("null none undefined finish_reason_unspecified"),

  /** The model ended its answer. */
  STOP("stop eos eos_token end_turn stop_sequence complete"),

  /** The answer hit a limit of tokens. */
  LENGTH(
      "length max_tokens max_output_tokens max_length model_length token_limit"
          + " model_context_window_exceeded error_limit"),

  /** The model, or a filter, declined. */
  REFUSED(
      "content_filter content_filtered refusal safety recitation blocklist prohibited_content spii"
          + " image_safety sensitive guardrail_intervened error_toxic"),

  /** The model wants a tool to be called. */
  TOOL_CALLS("tool_calls tool_call tool_use function_call"),

  /** The provider failed while the model answered. */
  FAILED(
      "error abort aborted cancelled canceled user_cancel timeout failed network_error"
          + " insufficient_system_resource malformed_function_call"),

  /** Another word: the model has ended, nobody knows why. */
  OTHER("unknown");

  private static final Map<String, FinishReason> BY_WORD =
      Arrays.stream(values())
          .flatMap(
              reason -> Arrays.stream(reason.words.split(" ")).map(it -> Map.entry(it, reason)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private final String words;

  FinishReason(String words) {
    this.words = words;
  }

  /** What an API's word means. */
  static FinishReason of(String word) {
    return word.isBlank()
        ? NONE
        : BY_WORD.getOrDefault(word.strip().toLowerCase(Locale.ROOT), OTHER);
  }
}
