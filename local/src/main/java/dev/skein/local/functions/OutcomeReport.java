package dev.skein.local.functions;

import dev.skein.local.console.Console;
import dev.skein.runtimeapi.RuntimeApi;
import java.time.Duration;

/** Tells a person of what went wrong in one function. */
final class OutcomeReport {

  private final String function;
  private final Console console;

  OutcomeReport(String function, Console console) {
    this.function = function;
    this.console = console;
  }

  /** What became of an event, if a person should know. */
  void answer(Outcome outcome) {
    String told = told(outcome);
    if (!told.isEmpty()) {
      console.problem(function + " " + told);
    }
  }

  /** A response had begun, and was broken off; a caller that goes away is no problem. */
  void brokenStream(Outcome outcome) {
    boolean abandoned =
        outcome instanceof Outcome.Failed(String type, String _)
            && type.equals(RuntimeApi.ABANDONED);
    if (!abandoned) {
      console.problem(
          "%s broke off in the middle of its answer: %s".formatted(function, why(outcome)));
    }
  }

  /** An environment that had answered is gone; nobody waits for it. */
  void endAfterAnswer(Outcome outcome) {
    console.problem(
        "%s, after its answer: %s; the next event gets a new process"
            .formatted(function, why(outcome)));
  }

  private static String why(Outcome outcome) {
    return outcome instanceof Outcome.Ended(String how) ? how : "it " + told(outcome);
  }

  /** Empty when that is nothing that a person should know. */
  private static String told(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Failed(String type, String message) -> "failed: " + type + ": " + message;
      case Outcome.TimedOut(Duration limit) ->
          "ran longer than its Timeout of %d s and was killed".formatted(limit.toSeconds());
      case Outcome.Ended(String why) -> "gave no answer: " + why;
      case Outcome.Answered _,
          Outcome.Streamed _,
          Outcome.Late _,
          Outcome.Throttled _,
          Outcome.TooLarge _ ->
          "";
    };
  }
}
