package dev.skein.llm;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whose fault a failed reply is. The status decides, and where a status has several meanings, the
 * body's machine-readable words do:
 *
 * <pre>
 * 401, 402, 403            the operator's: the key is refused, or there is no money left
 *                          (402: DeepSeek, OpenRouter, Together, Hugging Face)
 *   403, flagged input     the caller's (OpenRouter's moderation)
 * 404, 405                 the operator's: the model's name, or the base URL
 *   a model of another API the caller's (OpenAI: a chat model on the completions API, or the reverse)
 * 408, 409, 424, 498, 499, 5xx  the provider's: no reply now, but perhaps later or elsewhere
 *                          (424: Hugging Face TGI, Bedrock; 498: Groq's flex tier is full; 499: a
 *                          proxy gave up)
 * 429                      the provider's rate limit
 *   429, a word of money   the operator's
 * 400 and the other 4xx    the caller's
 *   a word of money, or of a refused key       the operator's (400: Google, DashScope, Anthropic,
 *                                              xAI; 412: Fireworks)
 *   a word that says the model is not offered  the operator's (400: Groq, Mistral, SiliconFlow)
 * </pre>
 *
 * @see <a href="https://platform.openai.com/docs/guides/error-codes">OpenAI, Error codes</a>
 * @see <a href="https://ai.google.dev/gemini-api/docs/troubleshooting">Gemini API,
 *     Troubleshooting</a>
 * @see <a href="https://console.groq.com/docs/errors">Groq, Errors</a>
 * @see <a href="https://api-docs.deepseek.com/quick_start/error_codes">DeepSeek, Error codes</a>
 * @see <a href="https://openrouter.ai/docs/api/reference/errors-and-debugging">OpenRouter,
 *     Errors</a>
 */
enum Blame {
  /** The operator: the key, or the money behind it. */
  CREDENTIALS,
  /** The operator: the model's name, or the base URL. */
  ENDPOINT,
  /** The caller. */
  REQUEST,
  /** The provider: the request came too soon. */
  RATE_LIMIT,
  /** The provider: it failed. */
  PROVIDER;

  /**
   * The key is refused, or there is no money behind it, and waiting does not help: as type or code
   * of a 429, a 400 or another 4xx. In lower case.
   */
  private static final Set<String> CREDENTIALS_WORDS =
      Set.of(
          // OpenAI and those that follow it. DashScope calls one of its rate limits
          // insufficient_quota too.
          "insufficient_quota",
          "billing_not_active",
          "billing_hard_limit_reached",
          "invalid_api_key",
          "account_deactivated",
          "access_terminated_error",
          // Anthropic
          "authentication_error",
          "permission_error",
          "billing_error",
          // Moonshot: the type of a 429 without a code
          "exceeded_current_quota_error",
          "invalid_authentication_error",
          // Zhipu: in arrears, out of the plan's use, plan expired, out of the plan's use
          "1113",
          "1308",
          "1309",
          "1310",
          // DashScope, Volcengine, Together
          "arrearage",
          "accountoverdueerror",
          "credit_limit",
          // Relays: LiteLLM, new-api, Cline
          "budget_exceeded",
          "insufficient_user_quota",
          "insufficient_balance",
          "spend_limit_exceeded",
          // Fireworks: the code of a 412 for a suspended account
          "precondition_failed",
          // Google: the reason or the status of a 400 (google.api.ErrorReason)
          "api_key_invalid",
          "api_key_expired",
          "billing_disabled",
          "consumer_suspended",
          "service_disabled",
          "failed_precondition");

  /** The model is not offered, in a 400. In lower case. */
  private static final Set<String> MODEL_WORDS =
      Set.of(
          "model_not_found",
          // Groq, Mistral, Together, GitHub Models, SiliconFlow
          "model_decommissioned",
          "invalid_model",
          "model_not_available",
          "unknown_model",
          "20012");

  /**
   * Where there is no word at all, how the message begins: xAI's refused key, Anthropic's exhausted
   * credit and its spending limit. Only the beginning counts, because a caller's text may follow.
   */
  private static final List<String> CREDENTIALS_PROSE =
      List.of(
          "Incorrect API key provided",
          "Your credit balance is too low",
          "You have reached your specified API usage limits");

  /** The caller chose a model of another API, as a 404: how the message begins. */
  private static final List<String> OTHER_API_PROSE =
      List.of("This is a chat model and not supported", "This is not a chat model");

  /**
   * What says that the request is at fault, though the status is 5xx: the beginning or a part of a
   * type, in lower case and without separators. vLLM and SGLang name Python's exceptions
   * (BadRequestError, ValueError), AWS its own (ValidationException), llama.cpp has
   * exceed_context_size_error, not_supported_error and invalid_request_error.
   */
  private static final Pattern REQUEST_TYPE =
      Pattern.compile(
          "(invalid(request|argument|param|input|value)|badrequest|valueerror|unprocessable"
              + "|exceedcontextsize|context(length)?exceeded|notsupported|unsupported).*"
              + "|.*validation.*");

  /**
   * Where the type is a server's error all the same, how the message begins: llama-cpp-python
   * prints the list of invalid fields, or first their number, llama.cpp says that the context was
   * used up.
   */
  private static final Pattern REQUEST_PROSE =
      Pattern.compile(
          "\\[\\{'type': '[a-z_]{1,64}', 'loc': \\('body', |\\d{1,3} validation errors?:"
              + "|Context size has been exceeded");

  /**
   * Who is to blame.
   *
   * @param status 400 to 599
   */
  static Blame of(int status, ErrorBody body) {
    return switch (status) {
      case 401, 402 -> CREDENTIALS;
      case 403 -> body.isModeration() ? REQUEST : CREDENTIALS;
      case 404, 405 -> isOfAnotherApi(body) ? REQUEST : ENDPOINT;
      case 408, 409, 424, 498, 499 -> PROVIDER;
      case 429 -> hasWord(body, CREDENTIALS_WORDS) ? CREDENTIALS : RATE_LIMIT;
      default -> status >= 500 ? PROVIDER : ofRequest(body);
    };
  }

  /** OpenAI has no code for it. */
  private static boolean isOfAnotherApi(ErrorBody body) {
    return OTHER_API_PROSE.stream().anyMatch(body.message()::startsWith);
  }

  private static Blame ofRequest(ErrorBody body) {
    if (hasWord(body, CREDENTIALS_WORDS)
        || CREDENTIALS_PROSE.stream().anyMatch(body.message()::startsWith)) {
      return CREDENTIALS;
    }
    return hasWord(body, MODEL_WORDS) ? ENDPOINT : REQUEST;
  }

  private static boolean hasWord(ErrorBody body, Set<String> words) {
    return Stream.of(body.type(), body.code())
        .flatMap(Optional::stream)
        .anyMatch(word -> words.contains(word.toLowerCase(Locale.ROOT)));
  }

  /**
   * Whether a 5xx says that the request is at fault. A retry will hardly help then, and other
   * requests may well succeed.
   */
  static boolean blamesRequest(ErrorBody body) {
    // The type comes first: DeepSeek's code is invalid_request_error even when it is overloaded.
    return body.type()
            .or(body::code)
            .map(word -> word.toLowerCase(Locale.ROOT).replaceAll("[_.-]", ""))
            .filter(word -> REQUEST_TYPE.matcher(word).matches())
            .isPresent()
        || REQUEST_PROSE.matcher(body.message()).lookingAt();
  }
}
