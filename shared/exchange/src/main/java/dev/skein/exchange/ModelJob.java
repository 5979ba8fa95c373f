package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.base.Deadline;
import dev.skein.llm.LlmOutcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What one request wants of the model.
 *
 * @param subject what the trail says of the request before any answer
 * @param calls starts the calls, none of which runs on after the deadline
 * @param render makes the reply of the outcomes, which stand in the calls' order
 */
public record ModelJob(
    Subject subject,
    Function<Deadline, CompletableFuture<List<LlmOutcome>>> calls,
    Function<List<LlmOutcome>, Rendered> render) {

  /**
   * The request, for its audit record.
   *
   * @param endpoint the route's path
   * @param model the model that is asked
   * @param message the caller's text, of which the beginning is kept
   */
  public record Subject(String endpoint, String userId, String model, String message) {}

  /** What the caller gets. */
  public sealed interface Rendered {

    /**
     * A 200.
     *
     * @param body the fields of this route; usage and ids are added to them
     */
    record Reply(ObjectNode body) implements Rendered {}

    /** Nothing of use came. */
    record Failure(Problem problem) implements Rendered {}
  }
}
