package dev.skein.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much is measured for the comparison.
 *
 * @param name as it is given on the command line
 * @param conditions of the cold starts
 * @param starts of each function under each condition
 * @param calls of each warm subject in each run
 * @param runs of what is warm
 * @param streams whose first token is timed
 * @param heavy whether peers that take minutes to install are included
 */
record Scale(
    String name,
    List<Condition> conditions,
    int starts,
    int calls,
    int runs,
    int streams,
    boolean heavy) {

  private static final Duration SLOW = Duration.ofMillis(500);

  /** About five minutes. */
  static Scale quick() {
    return new Scale(
        "quick",
        List.of(Condition.PLAIN, Condition.TLS, Condition.TLS_LIMITED),
        3,
        600,
        1,
        100,
        false);
  }

  /** For the figures that are published. */
  static Scale full() {
    List<Condition> conditions = new ArrayList<>();
    for (Condition condition : quick().conditions()) {
      conditions.add(condition);
      conditions.add(condition.withModelTime(SLOW));
    }
    return new Scale("full", List.copyOf(conditions), 5, 3_000, 3, 500, true);
  }

  /** The same with another number of starts. */
  Scale withStarts(int number) {
    return new Scale(name, conditions, number, calls, runs, streams, heavy);
  }

  /** The same without what this machine does not permit. */
  Scale under(CpuQuota quota) {
    var permitted =
        conditions.stream()
            .filter(it -> !it.limited() || quota instanceof CpuQuota.Permitted)
            .toList();
    return new Scale(name, permitted, starts, calls, runs, streams, heavy);
  }
}
