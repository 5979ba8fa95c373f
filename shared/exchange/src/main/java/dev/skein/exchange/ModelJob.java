package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.base.Deadline;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What one request wants of the model.
 *
 * @param subject what the trail says of the request before any answer
 * @param timeout how long the caller would wait for the calls
 * @param calls starts the calls, none of which runs on after the deadline; cancelling what it
 *     returns ends them
 * @param render makes the reply of the outcomes, which stand in the calls' order
 */
public record ModelJob(
    Subject subject,
    Optional<Duration> timeout,
    Function<Deadline, CompletableFuture<List<LlmResult>>> calls,
    Function<List<LlmOutcome>, Rendered> render) {

  /**
   * The request, for its audit record.
   *
   * @param endpoint the route's path
   * @param model the model that is asked
   * @param message the caller's text, of which the beginning is kept
   */
  public record Subject(String endpoint, String userId, String model, String message) {}

  /**
   * One call as the list of a job. A stage made by {@code thenApply} alone would keep to itself
   * that it was cancelled.
   */
  public static CompletableFuture<List<LlmResult>> single(CompletableFuture<LlmResult> call) {
    CompletableFuture<List<LlmResult>> list = call.thenApply(List::of);
    var _ = list.whenComplete((_, _) -> call.cancel(true));
    return list;
  }

  /** What the caller gets. */
  public sealed interface Rendered {

    /**
     * A 200.
     *
     * @param body the fields of this route; usage and ids are added to them
     */
    record Reply(ObjectNode body) implements Rendered {}

    /**
     * A 200 that is the provider's own reply.
     *
     * @param json as it came
     */
    record Passed(String json) implements Rendered {}

    /** Nothing of use came. */
    record Failure(Problem problem) implements Rendered {}
  }
}
