package dev.skein.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From the request to the first token of a model that does not wait, in environments that have long
 * been running.
 *
 * @param spreads by where the stream was read
 */
record FirstToken(Map<String, Spread> spreads) {

  static final int STREAMS = 500;

  private static final int WARM_UP = 100;

  /** The second token is late: what still comes must not compete with the first for the cores. */
  private static final TokenModel.Plan PLAN = new TokenModel.Plan(2, Duration.ofMillis(20));

  /** For what others do after a response: its completed record goes to the queue and the table. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Each source takes its turn, stream by stream. The first ones are not counted. */
  static FirstToken measure(Map<String, StreamSource> sources, TokenModel model)
      throws IOException, InterruptedException {
    model.follow(PLAN);
    Map<String, List<Duration>> taken = new LinkedHashMap<>();
    for (int i = 0; i < WARM_UP + STREAMS; i++) {
      for (var source : sources.entrySet()) {
        Thread.sleep(PAUSE);
        Duration first = source.getValue().stream().first();
        if (i >= WARM_UP) {
          taken.computeIfAbsent(source.getKey(), _ -> new ArrayList<>()).add(first);
        }
      }
    }
    Map<String, Spread> spreads = new LinkedHashMap<>();
    taken.forEach((name, times) -> spreads.put(name, new Spread(times)));
    return new FirstToken(spreads);
  }
}
