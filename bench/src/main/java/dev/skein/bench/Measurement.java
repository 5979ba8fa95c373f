package dev.skein.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Something that can be measured many times. */
@FunctionalInterface
interface Measurement<T> {

  T take() throws IOException, InterruptedException;

  /**
   * Takes several measurements in turns, so that a disturbance of the machine affects all of them.
   *
   * @param warmUp rounds that are not counted, before those that are
   * @param pause before each measurement
   */
  static <K, T> Map<K, List<T>> inTurns(
      Map<K, Measurement<T>> measurements, int warmUp, int rounds, Duration pause)
      throws IOException, InterruptedException {
    Map<K, List<T>> results = new LinkedHashMap<>();
    for (int round = 0; round < warmUp + rounds; round++) {
      for (var measurement : measurements.entrySet()) {
        Thread.sleep(pause);
        T result = measurement.getValue().take();
        if (round >= warmUp) {
          results.computeIfAbsent(measurement.getKey(), _ -> new ArrayList<>()).add(result);
        }
      }
    }
    return results;
  }
}
