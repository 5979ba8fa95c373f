package dev.skein.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From the start of a function's process to its first response.
 *
 * @param init from the start of the process until it asks for an event
 * @param invoke from handing out the event until the whole response has arrived
 */
record ColdStart(Duration init, Duration invoke) {

  /** A subject under a condition. */
  record Case(Subject subject, Condition condition) {}

  Duration total() {
    return init.plus(invoke);
  }

  /** Starts each case {@code runs} times, after a start that reads the files into memory. */
  static Map<Case, List<ColdStart>> measure(
      TestBed bed, List<Subject> subjects, List<Condition> conditions, int runs)
      throws IOException, InterruptedException {
    Map<Case, Measurement<ColdStart>> starts = new LinkedHashMap<>();
    for (Condition condition : conditions) {
      for (Subject subject : subjects) {
        if (isWorthwhile(subject, condition)) {
          starts.put(new Case(subject, condition), () -> of(bed, subject, condition));
        }
      }
    }
    return Measurement.inTurns(starts, 1, runs, Duration.ZERO);
  }

  /** A model's time says nothing of a function that calls none. */
  private static boolean isWorthwhile(Subject subject, Condition condition) {
    return condition.modelTime().isZero() || subject.contract().callsModel();
  }

  private static ColdStart of(TestBed bed, Subject subject, Condition condition)
      throws IOException, InterruptedException {
    try (FunctionProcess process = bed.start(subject, condition)) {
      TimedInvocation invocation = process.await();
      subject.contract().checkTraces(subject.name(), bed.upstream(condition).received(), 1);
      return new ColdStart(
          Duration.ofNanos(invocation.asked() - process.spawned()),
          Duration.ofNanos(invocation.responded() - invocation.handedOut()));
    }
  }
}
