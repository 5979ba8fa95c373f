package dev.skein.bench;

import dev.skein.bench.TokenStream.Token;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long tokens are on their way from a model that writes one each tenth of a second to whoever
 * reads the stream.
 *
 * @param streams by the place and the route they were read at
 */
record TokenWay(Map<String, List<TokenStream>> streams) {

  static final int STREAMS = 10;
  static final TokenModel.Plan PLAN = new TokenModel.Plan(40, Duration.ofMillis(100));

  /** Each source takes its turn, stream by stream. */
  static TokenWay measure(Map<String, StreamSource> sources, TokenModel model)
      throws IOException, InterruptedException {
    model.follow(PLAN);
    Map<String, List<TokenStream>> streams = new LinkedHashMap<>();
    for (int i = 0; i < STREAMS; i++) {
      for (var source : sources.entrySet()) {
        TokenStream stream = source.getValue().stream();
        if (stream.tokens().size() != PLAN.tokens()) {
          throw new MeasurementException(
              "%s lost tokens: %d of %d came"
                  .formatted(source.getKey(), stream.tokens().size(), PLAN.tokens()));
        }
        streams.computeIfAbsent(source.getKey(), _ -> new ArrayList<>()).add(stream);
      }
    }
    return new TokenWay(streams);
  }

  /** Until the first token of each stream, from the request. */
  static Spread first(List<TokenStream> streams) {
    return new Spread(streams.stream().map(TokenStream::first).toList());
  }

  /** Until the end of each stream, from the request. */
  static Spread whole(List<TokenStream> streams) {
    return new Spread(streams.stream().map(TokenStream::whole).toList());
  }

  /** The way of all tokens but the first, which waits for the audit queue too. */
  static Spread later(List<TokenStream> streams) {
    return new Spread(
        streams.stream()
            .flatMap(stream -> stream.tokens().stream().skip(1))
            .map(Token::way)
            .toList());
  }
}
