package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * From the start of a function's process to its first response.
 *
 * @param init from the start of the process until it asks for an event
 * @param invoke from asking until the response has arrived
 */
record ColdStart(Duration init, Duration invoke) {

  Duration total() {
    return init.plus(invoke);
  }

  /** Starts each subject {@code runs} times, after a start that reads the files into memory. */
  static Map<Subject, List<ColdStart>> measure(
      List<Subject> subjects, Path libraries, byte[] event, int runs)
      throws IOException, InterruptedException {
    Map<Subject, Measurement<ColdStart>> starts = new LinkedHashMap<>();
    subjects.forEach(subject -> starts.put(subject, () -> of(subject, libraries, event)));
    return Measurement.inTurns(starts, 1, runs, Duration.ZERO);
  }

  static Spread spread(List<ColdStart> starts, Function<ColdStart, Duration> part) {
    return new Spread(starts.stream().map(part).toList());
  }

  private static ColdStart of(Subject subject, Path libraries, byte[] event)
      throws IOException, InterruptedException {
    try (FunctionProcess process = new FunctionProcess(subject, libraries, event)) {
      TimedInvocation invocation = process.await();
      return new ColdStart(
          Duration.ofNanos(invocation.asked() - process.spawned()),
          Duration.ofNanos(invocation.responded() - invocation.asked()));
    }
  }
}
