package dev.skein.exchange;

import dev.skein.llm.LlmOutcome.Failure;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.ProviderError;
import dev.skein.llm.TokenLimit;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a caller is told about a failed call, in our own words. */
final class OutcomeDetails {
  /** Clients recognise this code of OpenAI's API, and the sentence that goes with it. */
  private static final String CONTEXT_LENGTH_EXCEEDED = "context_length_exceeded";

  /** Other names of it: llama.cpp's, and a server's that follows it. */
  private static final Set<String> CONTEXT_WORDS =
      Set.of(CONTEXT_LENGTH_EXCEEDED, "exceed_context_size_error", "context_exceeded");

  private OutcomeDetails() {}

  static String rateLimited(ProviderError error) {
    return "The model's API is throttling requests: it " + answered(error);
  }

  static String timedOut(Limit limit) {
    return switch (limit) {
      case DEADLINE -> "The model did not answer before the deadline.";
      case FIRST_BYTE ->
          "The model's API did not begin its reply within LLM_FIRST_BYTE_TIMEOUT_MS.";
      case FIRST_TOKEN -> "The model's API sent no token within LLM_FIRST_TOKEN_TIMEOUT_MS.";
      case WHOLE_REPLY ->
          "The model's API did not complete its reply within LLM_WHOLE_REPLY_TIMEOUT_MS.";
    };
  }

  static String unavailable(Failure failure) {
    return switch (failure) {
      case ProviderError error -> "The model's API " + answered(error);
      case NoReply.NOT_CONNECTED ->
          "The model's API cannot be reached: no connection could be established.";
      case NoReply.TLS_FAILED -> "The model's API cannot be reached: the TLS handshake failed.";
      case NoReply.CONNECTION_CLOSED ->
          "The model's API closed the connection before it sent a reply.";
      case NoReply.CIRCUIT_OPEN ->
          "The model's API was not called, because it failed repeatedly just before: its circuit"
              + " breaker is open.";
      case NoReply.NO_API_KEY ->
          "The model's API was not called, because this service cannot read its API key. Its"
              + " operator has to correct this; the log has the reason.";
      case NoReply.SHUTTING_DOWN ->
          "The call was ended, because this environment of the service is shutting down.";
    };
  }

  static String malformed(Malformed malformed) {
    return malformed.tooLarge()
        ? "The model's API sent a reply that is too large: " + malformed.reason() + "."
        : "The model's API sent a reply that does not follow its format.";
  }

  static String rejected(Rejected rejected) {
    if (rejected.reason() != Reason.REQUEST) {
      return "The model's API rejected this service's configuration: it "
          + answered(rejected.error());
    }
    String sentence = "The model's API rejected this request";
    if (rejected.limit().isPresent()) {
      return sentence + ": " + limit(rejected.limit().get());
    }
    if (isContextLength(rejected)) {
      return sentence + ": it exceeds this model's maximum context length.";
    }
    return sentence
        + rejected.parameter().map(name -> " because of " + name).orElse("")
        + ": it "
        + answered(rejected.error());
  }

  private static String answered(ProviderError error) {
    return "answered "
        + error.status()
        + error.word().map(word -> " (" + word + ")").orElse("")
        + ".";
  }

  private static String limit(TokenLimit limit) {
    String requested = limit.requested().isPresent() ? "" + limit.requested().getAsLong() : "";
    return switch (limit.kind()) {
      case CONTEXT ->
          "this model's maximum context length is %d tokens, and the request needs %s."
              .formatted(limit.allowed(), requested.isEmpty() ? "more" : requested);
      case MAX_OUTPUT ->
          "this model allows at most %d output tokens, and the request asks for %s."
              .formatted(limit.allowed(), requested.isEmpty() ? "more" : requested);
      case MIN_OUTPUT ->
          "this model needs a limit of at least %d output tokens, and the request has %s."
              .formatted(limit.allowed(), requested.isEmpty() ? "less" : requested);
    };
  }

  /** The provider's code, unless clients know a better one. */
  static Optional<String> code(Rejected rejected) {
    return isContextLength(rejected)
        ? Optional.of(CONTEXT_LENGTH_EXCEEDED)
        : rejected.error().word();
  }

  private static boolean isContextLength(Rejected rejected) {
    return rejected.reason() == Reason.REQUEST
        && (rejected.limit().map(TokenLimit::kind).equals(Optional.of(TokenLimit.Kind.CONTEXT))
            || rejected
                .error()
                .word()
                .map(word -> word.toLowerCase(Locale.ROOT))
                .filter(CONTEXT_WORDS::contains)
                .isPresent());
  }
}
