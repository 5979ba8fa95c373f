package dev.skein.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The time from the request to the first token of a model that responds at once, in warm
 * environments.
 *
 * @param spreads by where the stream was read
 */
record FirstToken(Map<String, Spread> spreads) {

  static final int STREAMS = 500;

  static final String MODEL = "the model itself";
  static final String FUNCTION = "the Runtime API";

  private static final int WARM_UP = 100;

  /** The second token is late, so that it does not compete with the first for the cores. */
  static final TokenModel.Plan PLAN = new TokenModel.Plan(2, Duration.ofMillis(20));

  /** For the work after a response: its completed record goes to the queue and the table. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** How much later the median first token of the function is than the model's own. */
  Optional<Duration> added() {
    return Optional.ofNullable(spreads.get(FUNCTION))
        .flatMap(
            function ->
                Optional.ofNullable(spreads.get(MODEL))
                    .map(model -> function.median().minus(model.median())));
  }

  static FirstToken measure(
      Map<String, Measurement<TokenStream>> sources, TokenModel model, int streams)
      throws IOException, InterruptedException {
    model.follow(PLAN);
    Map<String, Spread> spreads = new LinkedHashMap<>();
    Measurement.inTurns(sources, WARM_UP, streams, PAUSE)
        .forEach((name, read) -> spreads.put(name, TokenLatency.first(read)));
    return new FirstToken(spreads);
  }

  /** Over TLS, of the model itself, and of the chat function. */
  static FirstToken overTls(TestBed bed, Functions functions, int streams)
      throws IOException, InterruptedException {
    StreamedRoute route = StreamedRoute.of(functions.event("completions"));
    try (var model = new TokenModel(PLAN, bed.certificates().model());
        var direct = new HttpCaller(model.uri(), bed.certificates().client());
        FunctionProcess function =
            bed.start(functions.streaming("completions", model.uri()), Condition.TLS)) {
      function.await();
      Map<String, Measurement<TokenStream>> sources = new LinkedHashMap<>();
      sources.put(MODEL, () -> direct.stream(route));
      sources.put(FUNCTION, () -> function.stream(route.event()));
      return measure(sources, model, streams);
    }
  }
}
