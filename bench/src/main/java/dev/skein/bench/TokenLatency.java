package dev.skein.bench;

import dev.skein.bench.TokenStream.Token;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The time from the write of a token by a model, which writes one each 100 ms, to its arrival at
 * the reader of the stream.
 *
 * @param streams by the source and the route they were read at
 */
record TokenLatency(Map<String, List<TokenStream>> streams) {

  static final int STREAMS = 10;
  static final TokenModel.Plan PLAN = new TokenModel.Plan(40, Duration.ofMillis(100));

  static TokenLatency measure(Map<String, Measurement<TokenStream>> sources, TokenModel model)
      throws IOException, InterruptedException {
    model.follow(PLAN);
    var streams = Measurement.inTurns(sources, 0, STREAMS, Duration.ZERO);
    streams.forEach((name, read) -> read.forEach(stream -> check(name, stream)));
    return new TokenLatency(streams);
  }

  private static void check(String source, TokenStream stream) {
    if (stream.tokens().size() != PLAN.tokens()) {
      throw new MeasurementException(
          "%s lost tokens: %d of %d arrived"
              .formatted(source, stream.tokens().size(), PLAN.tokens()));
    }
  }

  /** From the request to the first token of each stream. */
  static Spread first(List<TokenStream> streams) {
    return new Spread(streams.stream().map(TokenStream::first).toList());
  }

  /** From the request to the end of each stream. */
  static Spread whole(List<TokenStream> streams) {
    return new Spread(streams.stream().map(TokenStream::whole).toList());
  }

  /** The latency of all tokens but the first, which also waits for the audit queue. */
  static Spread later(List<TokenStream> streams) {
    return new Spread(
        streams.stream()
            .flatMap(stream -> stream.tokens().stream().skip(1))
            .map(Token::latency)
            .toList());
  }
}
