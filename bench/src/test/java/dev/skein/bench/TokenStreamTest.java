package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skein.bench.TokenStream.Token;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenStreamTest {

  @Test
  void tokensOfAnEventStreamHaveTheirTimeOfWriting() throws IOException {
    TokenStream stream =
        read(
            """
            event: delta
            data: {"text":"w17w "}

            event: delta
            data: {"text":"w42w "}

            event: done
            data: {"finish_reason":"stop"}

            """);

    assertThat(stream.tokens()).extracting(Token::written).containsExactly(17L, 42L);
  }

  @Test
  void theOpenAiFormatEndsWithDone() throws IOException {
    TokenStream stream =
        read(
            """
            data: {"choices":[{"delta":{"content":"w17w "}}]}

            data: [DONE]

            """);

    assertThat(stream.tokens()).hasSize(1);
    assertThat(stream.end()).isGreaterThanOrEqualTo(stream.tokens().getFirst().arrived());
  }

  @Test
  void bytesBeforeTheFirstLineAreNoToken() throws IOException {
    TokenStream stream =
        read("{\"statusCode\":200}\0\0\0\0\0\0\0\0data: {\"text\":\"w1w \"}\n\ndata: [DONE]\n\n");

    assertThat(stream.tokens()).extracting(Token::written).containsExactly(1L);
  }

  @Test
  void aStreamWithoutItsEndIsRejected() {
    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> read("data: {\"text\":\"w17w \"}\n\nevent: err"))
        .withMessage("A stream ended early, after 1 tokens: event: err");
  }

  @Test
  void aStreamWithoutTokensIsRejected() {
    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> read("data: [DONE]\n\n"));
  }

  @Test
  void timesAreCountedFromTheRequest() {
    TokenStream stream =
        new TokenStream(1_000, List.of(new Token(1_500, 1_700), new Token(2_000, 2_400)), 3_000);

    assertThat(stream.first()).isEqualTo(Duration.ofNanos(700));
    assertThat(stream.whole()).isEqualTo(Duration.ofNanos(2_000));
  }

  @Test
  void theFirstTokenIsNotCountedAmongTheLaterOnes() {
    TokenStream stream =
        new TokenStream(0, List.of(new Token(1, 900), new Token(2, 12), new Token(3, 23)), 30);

    assertThat(TokenLatency.later(List.of(stream)).sorted())
        .containsExactly(Duration.ofNanos(10), Duration.ofNanos(20));
  }

  private static TokenStream read(String text) throws IOException {
    return TokenStream.read(new ByteArrayInputStream(text.getBytes(UTF_8)), 0);
  }
}
