package dev.skein.llm;

import java.util.Optional;

/**
 * How the provider reports a failure. Its words are machine-readable: letters, digits, {@code _},
 * {@code .} and {@code -}, at most 64 of them; its prose is never part of it.
 *
 * @param status the HTTP status, 400 to 599
 * @param type the kind of error, such as {@code invalid_request_error}; empty if the provider sends
 *     none
 * @param code the error itself, such as {@code context_length_exceeded}; empty if the provider
 *     sends none, or nothing but a number
 */
public record ProviderError(int status, Optional<String> type, Optional<String> code)
    implements LlmOutcome.Failure {

  /** An error of which only the status is known. */
  public ProviderError(int status) {
    this(status, Optional.empty(), Optional.empty());
  }

  /** The more specific of its words: the code, or else the type. */
  public Optional<String> word() {
    return code.or(() -> type);
  }
}
