package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import java.util.function.Function;

/** What a route makes of the outcomes of its model calls. */
public sealed interface Rendered {

  /**
   * A 200.
   *
   * @param body the route's own fields; usage and ids are added to it
   */
  record Document(ObjectNode body) implements Rendered {}

  /** A 200 whose body is the provider's own reply, unmodified. */
  record Verbatim(String json) implements Rendered {}

  /** An error. */
  record Failure(Problem problem) implements Rendered {}

  /** Renders a completion with {@code completed}, and any other outcome as its problem. */
  static Rendered of(LlmOutcome outcome, Function<Completed, Rendered> completed) {
    return outcome instanceof Completed answer
        ? completed.apply(answer)
        : new Failure(OutcomeProblems.of(outcome).orElseThrow());
  }
}
