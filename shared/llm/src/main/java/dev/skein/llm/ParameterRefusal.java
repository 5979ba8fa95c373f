package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.ModelProfile.Setting;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds out which of the parameters that Skein added a model refuses. Providers agree on no format
 * for that: some name the parameter in {@code param}, others in a validator's {@code loc} or in a
 * sentence, nested in strings, arrays and other providers' errors. So the text of the whole body is
 * searched, for nothing but what Skein sent: a wrong guess costs one request, and is only
 * remembered if the model then answers.
 */
final class ParameterRefusal {
  private static final int MAX_LENGTH = 16 * 1024;

  /** "Use 'max_completion_tokens' instead": what follows is not what was refused. */
  private static final Pattern SUGGESTION =
      Pattern.compile("(?i)\\b(use|did you mean)\\s+[`'\"\\\\]+\\w+");

  /** The parameter itself is refused, not its value. */
  private static final Pattern UNSUPPORTED =
      Pattern.compile(
          "(?i)unsupported.parameter|not supported|is unsupported|does not support|extra_forbidden"
              + "|extra (inputs|fields)|unrecognized|unknown name|cannot find field|not permitted"
              + "|unexpected keyword|deprecated");

  /** "Expected a value >= 16": the number. */
  private static final Pattern MINIMUM = Pattern.compile(">= ?(\\d{1,4})\\b");

  /** A value in quotes, as in "supported values are: 'none', 'low'". */
  private static final Pattern QUOTED = Pattern.compile("[`'\"]([a-z]{3,8})\\\\?[`'\"]");

  private static final List<String> LEAST_EFFORTS = List.of("none", "minimal", "low");

  /** Where a validator found the fault: {@code 'loc': ('body', 'messages', 0)}, quoted or not. */
  private static final Pattern LOCATION =
      Pattern.compile("\\bloc[\\\\'\"]+: ?[(\\[][\\\\'\"]+body[\\\\'\"]+, ?[\\\\'\"]+(\\w+)");

  private final String text;
  private final String param;
  private final RequestBody body;

  private ParameterRefusal(String text, String param, RequestBody body) {
    this.text = text;
    this.param = param;
    this.body = body;
  }

  /** What is to be changed so that the model accepts the request; empty if that is not known. */
  static Optional<ModelProfile> change(Answered answer, RequestBody body) {
    if (answer.status() != 400 && answer.status() != 422) {
      return Optional.empty();
    }
    var bytes = answer.body().duplicate();
    bytes.limit(Math.min(bytes.limit(), MAX_LENGTH));
    String text = StandardCharsets.UTF_8.decode(bytes).toString();
    var refusal = new ParameterRefusal(SUGGESTION.matcher(text).replaceAll(""), param(text), body);
    return refusal.change();
  }

  /** The parameter at fault, without the place within it; empty if there is no such member. */
  private static String param(String text) {
    String param = "";
    try {
      JsonNode json = Json.PROVIDER.parse(text);
      param = json.path("error").path("param").asText(json.path("param").asText(""));
    } catch (MalformedJsonException e) {
      // Such as a sentence.
    }
    var location = LOCATION.matcher(text);
    return param.isEmpty() && location.find() ? location.group(1) : param.split("[.\\[]", 2)[0];
  }

  private Optional<ModelProfile> change() {
    if (text.isBlank()) {
      // Cerebras refuses stream_options with an empty 422.
      return ifAdded(Setting.STREAM_OPTIONS, "false");
    }
    return effort()
        .or(() -> names("stream_options") ? ifAdded(Setting.STREAM_OPTIONS, "false") : none())
        .or(() -> names("temperature") ? ifAdded(Setting.TEMPERATURE, "rejected") : none())
        .or(() -> namesTheRole() ? ifAdded(Setting.SYSTEM_ROLE, "system") : none())
        .or(this::tokenLimit);
  }

  private static Optional<ModelProfile> none() {
    return Optional.empty();
  }

  /** A change of what the caller chose would not be ours to make. */
  private Optional<ModelProfile> ifAdded(Setting setting, String value) {
    return body.added().contains(setting)
        ? Optional.of(ModelProfile.of(setting, value))
        : Optional.empty();
  }

  /** Whether the model refuses this parameter; another one that is named in {@code param} wins. */
  private boolean names(String parameter) {
    return param.equals(parameter) || (!body.json().has(param) && contains(parameter));
  }

  private boolean namesTheRole() {
    return (param.equals("messages") || !body.json().has(param)) && contains("developer");
  }

  private boolean contains(String word) {
    return Pattern.compile("\\b" + word + "\\b").matcher(text).find();
  }

  /** Some say "think value" or "budget" where they mean the effort. */
  private Optional<ModelProfile> effort() {
    if (!names("reasoning_effort")
        && !names("(?i:reasoning|reasoningEffort|think(ing)?(_budget| mode)?)")) {
      return Optional.empty();
    }
    String refused = body.json().path("reasoning_effort").asText();
    var named = QUOTED.matcher(text).results().map(it -> it.group(1)).toList();
    String least =
        LEAST_EFFORTS.stream()
            .filter(it -> named.contains(it) && !it.equals(refused))
            .findFirst()
            .orElse("");
    return ifAdded(Setting.REASONING_EFFORT, least);
  }

  private Optional<ModelProfile> tokenLimit() {
    var sent = body.tokenLimit();
    boolean named = sent.isPresent() && (names(sent.get()) || names("max_output_tokens"));
    boolean unsupported = UNSUPPORTED.matcher(text).find();
    if (sent.isEmpty() || !(named || namesTheLimit() || (!unsupported && namesEither()))) {
      return Optional.empty();
    }
    if (named && unsupported) {
      boolean old = sent.get().equals(RequestBody.MAX_TOKENS);
      return ifAdded(
          Setting.TOKEN_LIMIT, old ? RequestBody.MAX_COMPLETION_TOKENS : RequestBody.MAX_TOKENS);
    }
    if (!body.hasDefaultTokenLimit()) {
      return Optional.empty();
    }
    var minimum = MINIMUM.matcher(text);
    if (minimum.find()) {
      return Optional.of(ModelProfile.of(Setting.MIN_TOKEN_LIMIT, minimum.group(1)));
    }
    if (body.request().defaults().shortAnswer()) {
      // Such a small limit is never too large: thinking has used it up.
      return Optional.of(ModelProfile.of(Setting.THINKS, "true"));
    }
    // Without a limit from us the model's own holds, which is lower.
    return ifAdded(Setting.DEFAULT_TOKEN_LIMIT, "false");
  }

  /** OpenAI writes max_tokens where it was sent max_completion_tokens. */
  private boolean namesEither() {
    return names(RequestBody.MAX_TOKENS) || names(RequestBody.MAX_COMPLETION_TOKENS);
  }

  /** "You requested 4126 tokens (30 in the messages, 4096 in the completion)". */
  private boolean namesTheLimit() {
    int limit = body.json().path(body.tokenLimit().orElseThrow()).asInt();
    return body.hasDefaultTokenLimit()
        && limit >= 100
        && contains("tokens")
        && Pattern.compile("(?<![\\w.-])" + limit + "(?![\\w-])").matcher(text).find();
  }
}
