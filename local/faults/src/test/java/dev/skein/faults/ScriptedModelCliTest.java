package dev.skein.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptedModelCliTest {

  @Test
  void withoutFlagsEveryCallSucceeds() throws Exception {
    assertThat(ScriptedModelCli.parse(List.of()))
        .isEqualTo(new ScriptedModelCli(9700, Duration.ZERO, 200, ""));
    assertThat(response(List.of(), "hello").status()).isEqualTo(200);
  }

  @Test
  void aStatusAloneFailsEveryCall() throws Exception {
    assertThat(response(List.of("--status", "503"), "hello").status()).isEqualTo(503);
  }

  @Test
  void onlyMessagesThatContainTheTextFail() throws Exception {
    List<String> flags = List.of("--fail-containing", "bad");
    assertThat(response(flags, "all good").status()).isEqualTo(200);
    assertThat(response(flags, "a bad one").status()).isEqualTo(500);
    assertThat(response(List.of("--fail-containing", "bad", "--status", "429"), "bad").status())
        .isEqualTo(429);
  }

  @Test
  void aDelayPrecedesTheReply() throws Exception {
    ScriptedModelCli settings = ScriptedModelCli.parse(List.of("--delay-ms", "20", "--port", "0"));
    assertThat(settings.reply(request("x")).steps(request("x")).getFirst())
        .isEqualTo(new Step.Pause(Duration.ofMillis(20)));
  }

  @Test
  void anInvalidFlagIsNamedInTheError() {
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--speed", "3")))
        .hasMessageContaining("--speed");
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--help")))
        .hasMessageContaining("--help");
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--port", "x")))
        .hasMessage("--port needs a number, not x");
  }

  private static ScriptedResponse response(List<String> flags, String message) throws Exception {
    ModelRequest request = request(message);
    ScriptedReply reply = ScriptedModelCli.parse(flags).reply(request);
    assertThat(reply).isInstanceOf(ScriptedReply.Whole.class);
    return ((ScriptedReply.Whole) reply).response(request);
  }

  private static ModelRequest request(String message) throws Exception {
    String body = ScriptedModelTest.body(message);
    JsonNode json = new ObjectMapper().readTree(body);
    return new ModelRequest(1, 1, 0, "POST", "/v1/chat/completions", Map.of(), body, json);
  }
}
