package dev.skein.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The time from the request to the first token of a model that responds at once, in warm
 * environments.
 *
 * @param spreads by where the stream was read
 */
record FirstToken(Map<String, Spread> spreads) {

  static final int STREAMS = 500;

  private static final int WARM_UP = 100;

  /** The second token is late, so that it does not compete with the first for the cores. */
  private static final TokenModel.Plan PLAN = new TokenModel.Plan(2, Duration.ofMillis(20));

  /** For the work after a response: its completed record goes to the queue and the table. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  static FirstToken measure(Map<String, Measurement<TokenStream>> sources, TokenModel model)
      throws IOException, InterruptedException {
    model.follow(PLAN);
    Map<String, Spread> spreads = new LinkedHashMap<>();
    Measurement.inTurns(sources, WARM_UP, STREAMS, PAUSE)
        .forEach((name, streams) -> spreads.put(name, TokenLatency.first(streams)));
    return new FirstToken(spreads);
  }
}
