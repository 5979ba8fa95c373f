package dev.skein.local.functions;

import dev.skein.local.console.StackConsole;
import dev.skein.runtimeapi.RuntimeApi;
import java.time.Duration;

/** Tells a person of what went wrong in one function. */
final class FailureReport {

  private final String function;
  private final StackConsole console;

  FailureReport(String function, StackConsole console) {
    this.function = function;
    this.console = console;
  }

  /** What became of an event, if a person should know. */
  void answer(InvocationResult outcome) {
    String told = told(outcome);
    if (!told.isEmpty()) {
      console.problem(function + " " + told);
    }
  }

  /** A response had begun, and was broken off; a caller that goes away is no problem. */
  void brokenStream(InvocationResult outcome) {
    boolean abandoned =
        outcome instanceof InvocationResult.Failed(String type, String _)
            && type.equals(RuntimeApi.ABANDONED);
    if (!abandoned) {
      console.problem(
          "%s broke off in the middle of its answer: %s".formatted(function, why(outcome)));
    }
  }

  /** An environment that had answered is gone; nobody waits for it. */
  void endAfterAnswer(InvocationResult outcome) {
    console.problem(
        "%s, after its answer: %s; the next event gets a new process"
            .formatted(function, why(outcome)));
  }

  private static String why(InvocationResult outcome) {
    return outcome instanceof InvocationResult.Ended(String how) ? how : "it " + told(outcome);
  }

  /** Empty when that is nothing that a person should know. */
  private static String told(InvocationResult outcome) {
    return switch (outcome) {
      case InvocationResult.Failed(String type, String message) ->
          "failed: " + type + ": " + message;
      case InvocationResult.TimedOut(Duration limit) ->
          "ran longer than its Timeout of %d s and was killed".formatted(limit.toSeconds());
      case InvocationResult.Ended(String why) -> "gave no answer: " + why;
      case InvocationResult.Answered _,
          InvocationResult.Streamed _,
          InvocationResult.Late _,
          InvocationResult.Throttled _,
          InvocationResult.TooLarge _ ->
          "";
    };
  }
}
