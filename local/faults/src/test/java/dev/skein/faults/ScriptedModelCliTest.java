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
  void withoutFlagsEveryCallIsAnswered() throws Exception {
    assertThat(ScriptedModelCli.parse(List.of()))
        .isEqualTo(new ScriptedModelCli(9700, Duration.ZERO, 200, ""));
    assertThat(answer(List.of(), "hello").status()).isEqualTo(200);
  }

  @Test
  void aStatusAloneFailsEveryCall() throws Exception {
    assertThat(answer(List.of("--status", "503"), "hello").status()).isEqualTo(503);
  }

  @Test
  void onlyMessagesThatHoldTheTextFail() throws Exception {
    List<String> flags = List.of("--fail-containing", "bad");
    assertThat(answer(flags, "all good").status()).isEqualTo(200);
    assertThat(answer(flags, "a bad one").status()).isEqualTo(500);
    assertThat(answer(List.of("--fail-containing", "bad", "--status", "429"), "bad").status())
        .isEqualTo(429);
  }

  @Test
  void aDelayComesFirst() throws Exception {
    ScriptedModelCli settings = ScriptedModelCli.parse(List.of("--delay-ms", "20", "--port", "0"));
    assertThat(settings.reply(request("x")).steps(request("x")).getFirst())
        .isEqualTo(new Step.Pause(Duration.ofMillis(20)));
  }

  @Test
  void aWrongFlagIsNamed() {
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--speed", "3")))
        .hasMessageContaining("--speed");
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--help")))
        .hasMessageContaining("--help");
    assertThatThrownBy(() -> ScriptedModelCli.parse(List.of("--port", "x")))
        .hasMessage("--port takes a number, not x");
  }

  private static ScriptedResponse answer(List<String> flags, String message) throws Exception {
    ModelRequest request = request(message);
    ScriptedReply reply = ScriptedModelCli.parse(flags).reply(request);
    assertThat(reply).isInstanceOf(ScriptedReply.Whole.class);
    return ((ScriptedReply.Whole) reply).answer(request);
  }

  private static ModelRequest request(String message) throws Exception {
    String body = ScriptedModelTest.body(message);
    JsonNode json = new ObjectMapper().readTree(body);
    return new ModelRequest(1, 1, "POST", "/v1/chat/completions", Map.of(), body, json, 0);
  }
}
