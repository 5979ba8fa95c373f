package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WholeResponseTest {
  private static final RequestStreamHandler ECHO =
      (event, response, _) -> response.write(event.readAllBytes());

  @Test
  void theOutputOfARequestStreamHandlerIsPostedAsItIsInBothResponseModes() throws IOException {
    try (var streaming = RunningLoop.of(StreamingHandler.of(ECHO));
        var buffered = RunningLoop.buffered(StreamingHandler.of(ECHO))) {
      assertThat(streaming.whole("{\"any\":\"json\"}")).isEqualTo("{\"any\":\"json\"}");
      assertThat(buffered.whole("{\"any\":\"json\"}")).isEqualTo("{\"any\":\"json\"}");
    }
  }

  @Test
  void whatItThrowsFailsTheInvocationEvenAfterItHasWritten() throws IOException {
    RequestStreamHandler failing =
        (_, response, _) -> {
          response.write("half".getBytes(UTF_8));
          throw new IOException("no table");
        };
    try (var loop = RunningLoop.of(StreamingHandler.of(failing))) {
      assertThat(loop.failure("{}").type()).contains("IOException");
    }
  }

  @Test
  void theMessageOfAReportedExceptionIsTheErrorOfTheInvocation() throws Exception {
    RequestStreamHandler refusing =
        (_, _, _) -> {
          throw new ReportedException("Unauthorized");
        };
    try (var loop = RunningLoop.of(StreamingHandler.of(refusing))) {
      assertThat(loop.failure("{}").message()).isEqualTo("Unauthorized");
      loop.asked();
      assertThat(loop.log())
          .contains("\"event\":\"invocation_failed\"", "\"reason\":\"Unauthorized\"")
          .doesNotContain("ERROR");
    }
  }

  @Test
  void anOutputOfMoreThanSixMegabytesFailsTheInvocation() throws IOException {
    RequestStreamHandler large =
        (_, response, _) -> response.write(new byte[BufferedResponse.PAYLOAD_LIMIT + 1]);
    try (var loop = RunningLoop.of(StreamingHandler.of(large))) {
      assertThat(loop.failure("{}").type()).isEqualTo("Function.ResponseSizeTooLarge");
    }
  }
}
