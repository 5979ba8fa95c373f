package dev.skein.llm;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How the provider reports a failure. Its words are machine-readable: letters, digits, {@code _},
 * {@code .} and {@code -}, at most 64 of them; its prose is never part of it.
 *
 * @param status the HTTP status, 400 to 599
 * @param type the kind of error, such as {@code invalid_request_error}; empty if the provider sends
 *     none
 * @param code the error itself, such as {@code context_length_exceeded}, or a number of the
 *     provider's own; empty if the provider sends none, or only repeats the status
 */
public record ProviderError(int status, Optional<String> type, Optional<String> code)
    implements LlmOutcome.Failure {
  private static final Predicate<String> NUMBER = Pattern.compile("[0-9]+").asMatchPredicate();

  /** An error of which only the status is known. */
  public ProviderError(int status) {
    this(status, Optional.empty(), Optional.empty());
  }

  /** The word that says most: the code, unless it is a number and there is a type. */
  public Optional<String> word() {
    return code.filter(it -> type.isEmpty() || !NUMBER.test(it)).or(() -> type);
  }
}
