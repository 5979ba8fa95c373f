package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The body of a failed reply, whichever of the known forms it has.
 *
 * <pre>
 * {"error": {"message", "type", "param", "code"}}            OpenAI, and most others
 * {"error": {"code": 400, "status", "details": [{"reason"}]}}  Google; on its OpenAI route in an array
 * {"error": {"code": 400, "metadata": {"raw": "{…}"}}}       OpenRouter, around a provider's own body
 * {"error": "…", "error_type"}                               Hugging Face TGI; xAI and Ollama without a type
 * {"object": "error", "message", "type", "code": 400}        vLLM before 0.10, SGLang, Mistral
 * {"type": "error", "error": {"type", "message"}}            Anthropic
 * {"detail": "…"}, {"detail": [{"type", "loc", "msg"}]}      FastAPI
 * {"message", "type", "code"}, {"__type", "message"}         Cerebras, DashScope, AWS
 * </pre>
 *
 * @param type the kind of error; empty if there is none that is a machine-readable word
 * @param code the error itself; never a bare HTTP status
 * @param param the parameter at fault, as the provider names it; may be any text
 * @param message the provider's prose, cut off after {@value #MAX_MESSAGE} characters: to be
 *     recognised, never to be passed on
 * @param fields the object that has these members, for others of it
 */
record ErrorBody(
    Optional<String> type,
    Optional<String> code,
    Optional<String> param,
    String message,
    JsonNode fields) {
  static final int MAX_MESSAGE = 2000;

  /** What is machine-readable; anything else may be prose, and is not passed on. */
  private static final Predicate<String> WORD =
      Pattern.compile("[A-Za-z0-9_.-]{1,64}").asMatchPredicate();

  private static final Predicate<String> HTTP_STATUS =
      Pattern.compile("[1-5][0-9][0-9]").asMatchPredicate();

  private static final ErrorBody EMPTY =
      new ErrorBody(
          Optional.empty(), Optional.empty(), Optional.empty(), "", MissingNode.getInstance());

  static ErrorBody read(ByteBuffer body) {
    try {
      return read(Json.PROVIDER.parse(body));
    } catch (MalformedJsonException e) {
      return EMPTY;
    }
  }

  static ErrorBody read(JsonNode document) {
    ErrorBody outer = ofObject(errorObject(document));
    return inner(outer).map(outer::completedBy).orElse(outer);
  }

  /** The object that describes the error: a member of the document, or the document itself. */
  private static JsonNode errorObject(JsonNode document) {
    JsonNode whole = firstOf(document);
    return Stream.of("error", "detail")
        .map(name -> firstOf(whole.path(name)))
        .filter(JsonNode::isObject)
        .findFirst()
        .orElse(whole);
  }

  private static JsonNode firstOf(JsonNode value) {
    return value.isArray() ? value.path(0) : value;
  }

  private static ErrorBody ofObject(JsonNode error) {
    return new ErrorBody(
        Stream.of("type", "error_type", "status", "__type")
            .flatMap(name -> word(error.path(name)))
            .findFirst(),
        Stream.of(
                error.path("details").findPath("reason"),
                error.path("code"),
                error.path("error_code"))
            .flatMap(ErrorBody::word)
            .findFirst(),
        Stream.concat(text(error.path("param")), location(error)).findFirst(),
        Stream.of("message", "msg", "error", "detail")
            .flatMap(name -> text(error.path(name)))
            .map(text -> text.substring(0, Math.min(text.length(), MAX_MESSAGE)))
            .findFirst()
            .orElse(""),
        error);
  }

  /** Where a validator found the fault, such as {@code messages.0.content}. */
  private static Stream<String> location(JsonNode error) {
    JsonNode nested = firstOf(error.path("message").path("detail"));
    JsonNode location = error.has("loc") ? error.path("loc") : nested.path("loc");
    String path =
        location
            .valueStream()
            .map(JsonNode::asText)
            .filter(name -> !name.equals("body"))
            .collect(Collectors.joining("."));
    return Stream.of(path).filter(it -> !it.isEmpty());
  }

  /** A gateway's error around the provider's own one. */
  private static Optional<ErrorBody> inner(ErrorBody outer) {
    String raw = outer.fields.path("metadata").path("raw").asText("");
    try {
      return Optional.of(ofObject(errorObject(Json.PROVIDER.parse(raw))));
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private ErrorBody completedBy(ErrorBody inner) {
    return new ErrorBody(
        type.or(inner::type),
        code.or(inner::code),
        param.or(inner::param),
        inner.message.isEmpty() ? message : inner.message,
        inner.fields);
  }

  /** The value, if it is a word that says more than the status does. */
  private static Stream<String> word(JsonNode value) {
    return text(value)
        // AWS names the namespace first: com.amazon.coral.validate#ValidationException.
        .map(text -> text.substring(text.indexOf('#') + 1))
        .filter(WORD.and(HTTP_STATUS.negate()));
  }

  private static Stream<String> text(JsonNode value) {
    return value.isTextual() || value.isIntegralNumber()
        ? Stream.of(value.asText())
        : Stream.empty();
  }

  /** Whether OpenRouter's moderation stopped the request, which it reports with a 403. */
  boolean isModeration() {
    return fields.path("metadata").has("flagged_input");
  }

  /** How long Google asks us to wait, such as {@code 20.04s} (google.rpc.RetryInfo). */
  Optional<String> retryDelay() {
    return text(fields.path("details").findPath("retryDelay")).findFirst();
  }

  /** What an outcome keeps of it. */
  ProviderError error(int status) {
    return new ProviderError(status, type, code);
  }
}
