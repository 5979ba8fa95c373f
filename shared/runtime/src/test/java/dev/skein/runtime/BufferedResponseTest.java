package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same handlers, where the front end cannot stream. */
@Timeout(60)
class BufferedResponseTest {
  private static final Map<String, String> PLAIN = Map.of("Content-Type", "text/plain");

  @Test
  void theResponseIsPostedAsOneProxyResponseInAscii() throws Exception {
    String text = "Grüße \"quoted\" \\ 世界 🦢\r\n\t\u0000\u001f\u007f\u2028";
    try (var loop =
        RunningLoop.buffered(
            (event, response, context) -> {
              OutputStream body = response.begin(418, PLAIN);
              byte[] bytes = text.getBytes(UTF_8);
              // A character that is cut in two by a write is whole again in the end.
              body.write(bytes, 0, 3);
              body.write(bytes, 3, bytes.length - 3);
            })) {
      String json = loop.whole("{}");

      assertThat(json).matches("[ -~]*");
      JsonNode answer = new ObjectMapper().readTree(json);
      assertThat(answer.get("statusCode").asInt()).isEqualTo(418);
      assertThat(answer.at("/headers/Content-Type").asText()).isEqualTo("text/plain");
      assertThat(answer.get("body").asText()).isEqualTo(text);
      assertThat(answer.get("isBase64Encoded").asBoolean(true)).isFalse();
    }
  }

  @Test
  void aResponseThatFailsAfterItBeganIsPostedWithTheBodySoFar() throws Exception {
    try (var loop =
        RunningLoop.buffered(
            (event, response, context) -> {
              OutputStream body = response.begin(200, PLAIN);
              body.write("data: {\"error\":1}".getBytes(UTF_8));
              response.fail("Model.Cut", "Cut.");
              body.write("never".getBytes(UTF_8));
            })) {
      assertThat(new ObjectMapper().readTree(loop.whole("{}")).get("body").asText())
          .isEqualTo("data: {\"error\":1}");
    }
  }

  @Test
  void aFailureBeforeItBeganAndAnExceptionAfterItFailTheInvocation() throws Exception {
    try (var loop =
        RunningLoop.buffered(
            (event, response, context) -> {
              if (event.read() == '1') {
                response.fail("Not.Ready", "Not yet.");
              } else {
                response.begin(200, PLAIN).write('x');
                throw new IllegalStateException("canary");
              }
            })) {
      assertThat(loop.failure("1").message()).isEqualTo("Not yet.");
      assertThat(loop.failure("2").type()).isEqualTo("java.lang.IllegalStateException");
      loop.asked();
      assertThat(loop.log()).contains("Not.Ready", "handler_failed").doesNotContain("canary");
    }
  }

  @Test
  void aResponseOfMoreThanSixMegabytesFailsTheInvocation() throws Exception {
    byte[] piece = new byte[1024 * 1024];
    try (var loop =
        RunningLoop.buffered(
            (event, response, context) -> {
              OutputStream body = response.begin(200, PLAIN);
              // NULs are six times as long in the answer: two pieces are too many as well.
              for (int count = event.read() - '0'; count > 0; count--) {
                body.write(piece);
              }
            })) {
      assertThat(loop.failure("7").type()).isEqualTo("Function.ResponseSizeTooLarge");
      assertThat(loop.failure("2").type()).isEqualTo("Function.ResponseSizeTooLarge");
      assertThat(loop.whole("0")).contains("\"body\":\"\"");
    }
  }

  @Test
  void aWriteAfterTheTimeLimitFailsTheInvocation() throws Exception {
    try (var loop =
        RunningLoop.buffered(
            (event, response, context) -> {
              response.limit(Duration.ZERO);
              response.begin(200, PLAIN).write('x');
            })) {
      assertThat(loop.failure("{}").type()).isEqualTo("Runtime.ResponseTimeLimit");
    }
  }

  @Test
  void aHandlerThatReturnsWithoutAResponseFailsTheInvocation() throws Exception {
    try (var loop = RunningLoop.buffered((event, response, context) -> {})) {
      assertThat(loop.failure("{}").type()).isEqualTo("Runtime.NoResponse");
    }
  }
}
