package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.bench.TokenStream.Token;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenModelTest {

  private static final StreamedRoute ROUTE =
      new StreamedRoute("/v1/chat/completions", "{\"stream\":true}", new byte[0]);

  @Test
  void tokensAreWrittenAtTheirPaceAndReadAsTheyArrive() throws Exception {
    TokenStream stream = ask(new TokenModel.Plan(4, Duration.ofMillis(50)));

    assertThat(stream.tokens()).hasSize(4);
    Token last = stream.tokens().getLast();
    assertThat(last.written() - stream.tokens().getFirst().written())
        .isGreaterThanOrEqualTo(Duration.ofMillis(140).toNanos());
    assertThat(stream.tokens().getFirst().arrived()).isLessThan(last.written());
    assertThat(stream.tokens()).allMatch(token -> !token.latency().isNegative());
  }

  @Test
  void theNextRequestFollowsTheNextPlan() throws Exception {
    try (TokenModel model = new TokenModel(new TokenModel.Plan(1, Duration.ZERO));
        HttpCaller caller = new HttpCaller(model.uri())) {
      assertThat(caller.stream(ROUTE).tokens()).hasSize(1);

      model.follow(new TokenModel.Plan(3, Duration.ZERO));

      assertThat(caller.stream(ROUTE).tokens()).hasSize(3);
    }
  }

  private static TokenStream ask(TokenModel.Plan plan) throws IOException, InterruptedException {
    try (TokenModel model = new TokenModel(plan);
        HttpCaller caller = new HttpCaller(model.uri())) {
      return caller.stream(ROUTE);
    }
  }
}
