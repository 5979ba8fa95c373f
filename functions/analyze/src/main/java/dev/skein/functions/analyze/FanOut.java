package dev.skein.functions.analyze;

import dev.skein.llm.Lanes;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Many calls with one configuration. A call that fails by that configuration, which the others have
 * too, is the end of all: a refused key is not shown a hundred times.
 */
final class FanOut {
  private FanOut() {}

  static CompletableFuture<List<LlmResult>> run(
      int lanes, List<Supplier<CompletableFuture<LlmResult>>> calls) {
    return Lanes.run(lanes, calls, FanOut::isOfAll, it -> new LlmResult(it.outcome(), List.of()));
  }

  /** Another endpoint may only be down for a moment, and answer the next call. */
  private static boolean isOfAll(LlmResult result) {
    return isOfTheConfiguration(result.outcome())
        && result.tried().stream().allMatch(it -> isOfTheConfiguration(it.outcome()));
  }

  private static boolean isOfTheConfiguration(LlmOutcome outcome) {
    return outcome instanceof Rejected rejected && rejected.reason() != Reason.REQUEST;
  }
}
