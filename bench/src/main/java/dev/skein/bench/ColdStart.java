package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * From the start of a function's process to its first response.
 *
 * @param init from the start of the process until it asks for an event
 * @param invoke from asking until the response is here
 */
record ColdStart(Duration init, Duration invoke) {

  Duration total() {
    return init.plus(invoke);
  }

  /**
   * Starts each subject {@code runs} times, in turns: what disturbs the machine for a while
   * disturbs all of them. A first round is not counted, because it finds the files not yet in
   * memory.
   */
  static Map<Subject, List<ColdStart>> measure(
      List<Subject> subjects, Path libraries, byte[] event, int runs)
      throws IOException, InterruptedException {
    Map<Subject, List<ColdStart>> starts = new LinkedHashMap<>();
    for (int run = 0; run <= runs; run++) {
      for (Subject subject : subjects) {
        ColdStart start = of(subject, libraries, event);
        if (run > 0) {
          starts.computeIfAbsent(subject, _ -> new ArrayList<>()).add(start);
        }
      }
    }
    return starts;
  }

  static Spread spread(List<ColdStart> starts, Function<ColdStart, Duration> part) {
    return new Spread(starts.stream().map(part).toList());
  }

  private static ColdStart of(Subject subject, Path libraries, byte[] event)
      throws IOException, InterruptedException {
    try (Environment environment = Environment.start(subject, libraries, event)) {
      Turn turn = environment.await();
      return new ColdStart(
          Duration.ofNanos(turn.asked() - environment.spawned()),
          Duration.ofNanos(turn.answered() - turn.asked()));
    }
  }
}
