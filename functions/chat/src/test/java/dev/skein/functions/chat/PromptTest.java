package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the audit trail keeps of everything that the model was asked. */
@Timeout(30)
class PromptTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final int MAX_KEPT_BYTES = 560_000;

  /** With escapes, numbers and members that a reader might normalize. */
  private static final String MESSAGES =
      """
      [{"role":"system","content":"canary: be brief \\u00e9 \\ud83e\\udebf"},\
      {"role":"user","content":"canary: What is the weather?","name":"ann"},\
      {"role":"assistant","content":null,"tool_calls":[{"id":"c-1","type":"function",\
      "function":{"name":"get_weather","arguments":"{\\"city\\":\\"canary\\"}"}}]},\
      {"role":"tool","tool_call_id":"c-1","content":"canary: 21.50 \\u00b0C"},\
      {"role":"user","content":[{"type":"text","text":"Thanks"}],"weight":1.50}]\
      """;

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private void restart(String... variables) {
    world.close();
    var map = new HashMap<String, String>();
    for (int i = 0; i < variables.length; i += 2) {
      map.put(variables[i], variables[i + 1]);
    }
    world = TestEnvironment.with(map);
  }

  private void send(String path, String body) {
    world.model().enqueue(ScriptedReply.text("Hello"));
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    assertThat(RecordedResponse.post(function, path, body).status()).isEqualTo(200);
  }

  private JsonNode intent() {
    return world.queue().records().getFirst();
  }

  private String keptPrompt() throws Exception {
    byte[] gzip = Base64.getDecoder().decode(intent().at("/content/message").textValue());
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void assertDescribes(String prompt) throws Exception {
    assertThat(world.queue().records()).hasSize(2);
    for (JsonNode record : world.queue().records()) {
      assertThat(record.path("prompt_length").intValue())
          .isEqualTo(prompt.codePointCount(0, prompt.length()));
      assertThat(record.path("prompt_sha256").textValue()).isEqualTo(sha256(prompt));
    }
    assertThat(world.queue().records().getLast().path("content").has("message")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"default,false", "default,true", "strict,false", "strict,true"})
  void theWholeConversationIsKept(String mode, boolean stream) throws Exception {
    restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "full");

    send(CHAT, "{\"stream\":%s,\"messages\":%s}".formatted(stream, MESSAGES));

    String expected = Json.PASSED.writeReadable(Json.PASSED.parse(MESSAGES));
    assertThat(keptPrompt()).isEqualTo(expected).contains("é 🪿", "\"weight\":1.50");
    assertThat(intent().path("message_preview").textValue()).isEqualTo("Thanks");
    assertThat(intent().path("message_sha256").textValue()).isEqualTo(sha256("Thanks"));
    assertDescribes(expected);
  }

  @ParameterizedTest
  @CsvSource({"default,false", "default,true", "strict,false", "strict,true"})
  void theMessagesOfASimpleChatAreKept(String mode, boolean stream) throws Exception {
    restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "full");

    send("/chat", "{\"stream\":%s,\"system\":\"Be brief\",\"message\":\"Hi\"}".formatted(stream));

    String expected =
        "[{\"role\":\"system\",\"content\":\"Be brief\"},{\"role\":\"user\",\"content\":\"Hi\"}]";
    assertThat(keptPrompt()).isEqualTo(expected);
    assertThat(intent().path("message_preview").textValue()).isEqualTo("Hi");
    assertDescribes(expected);
  }

  @Test
  void aModelThatIsAskedInAnotherWayDoesNotChangeWhatIsKept() throws Exception {
    restart("AUDIT_CONTENT", "full", "OPENAI_MODEL_PROFILE", "{\"system_role\":\"developer\"}");

    send("/chat", "{\"system\":\"Be brief\",\"message\":\"Hi\"}");

    assertThat(world.model().received().getFirst().json().at("/messages/0/role").textValue())
        .isEqualTo("developer");
    assertThat(keptPrompt()).startsWith("[{\"role\":\"system\"");
  }

  @Test
  void aLongConversationIsKeptWhole() throws Exception {
    restart("AUDIT_CONTENT", "full");
    ArrayNode messages = Json.object().putArray("messages");
    for (int i = 0; i < 500; i++) {
      String role = i % 2 == 0 ? "user" : "assistant";
      messages.addObject().put("role", role).put("content", "Turn " + i + " " + "😀".repeat(200));
    }
    String expected = Json.PASSED.writeReadable(messages);

    send(CHAT, "{\"messages\":" + expected + "}");

    assertThat(keptPrompt()).isEqualTo(expected);
    assertDescribes(expected);
  }

  @Test
  void anImageIsCutAndLengthAndDigestAreOfTheWhole() throws Exception {
    restart("AUDIT_CONTENT", "full");
    ArrayNode messages = Json.object().putArray("messages");
    ObjectNode message = messages.addObject().put("role", "user");
    var parts = message.putArray("content");
    parts.addObject().put("type", "text").put("text", "What is this? " + "é".repeat(3));
    parts
        .addObject()
        .put("type", "image_url")
        .putObject("image_url")
        .put("url", "data:image/png;base64," + "iVBORw0K".repeat(250_000));
    messages.addObject().put("role", "user").put("content", "Look again");
    String whole = Json.PASSED.writeReadable(messages);

    send(CHAT, "{\"messages\":" + whole + "}");

    String kept = keptPrompt();
    assertThat(kept.getBytes(StandardCharsets.UTF_8)).hasSize(MAX_KEPT_BYTES);
    assertThat(whole).startsWith(kept);
    assertThat(kept).startsWith("[{\"role\":\"user\",\"content\":[{\"type\":\"text\"");
    assertDescribes(whole);
    assertThat(intent().path("prompt_length").intValue()).isGreaterThan(2_000_000);
  }

  @Test
  void aPromptIsNeverCutInsideACharacter() throws Exception {
    restart("AUDIT_CONTENT", "full");
    String messages =
        "[{\"role\":\"user\",\"content\":\"" + "😀".repeat(MAX_KEPT_BYTES / 4) + "\"}]";

    send(CHAT, "{\"messages\":" + messages + "}");

    String kept = keptPrompt();
    assertThat(messages).startsWith(kept);
    assertThat(kept.getBytes(StandardCharsets.UTF_8).length)
        .isBetween(MAX_KEPT_BYTES - 3, MAX_KEPT_BYTES);
    assertDescribes(messages);
  }

  /** A provider might ignore a member that does not belong to the API. */
  @ParameterizedTest
  @CsvSource({"/v1/completions,prompt", "/v1/embeddings,input"})
  void thePromptOfAnotherRouteIsItsText(String path, String member) throws Exception {
    restart(
        "AUDIT_CONTENT", "full", "OPENAI_EMBEDDING_MODELS", "m-1", "OPENAI_ALLOWED_MODELS", "m-1");

    send(
        path,
        "{\"model\":\"m-1\",\"%s\":[\"What is a skein?\"],\"messages\":[]}".formatted(member));

    assertThat(keptPrompt()).isEqualTo("What is a skein?");
    assertDescribes("What is a skein?");
  }

  @ParameterizedTest
  @CsvSource({
    "none,false",
    "none,true",
    "preview,false",
    "preview,true",
  })
  void withoutFullTheOtherMessagesAreNowhere(String content, boolean stream) {
    for (String mode : List.of("default", "strict")) {
      restart("AUDIT_MODE", mode, "AUDIT_CONTENT", content);
      if (mode.equals("default")) {
        world
            .queue()
            .acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
      }

      send(CHAT, "{\"stream\":%s,\"messages\":%s}".formatted(stream, MESSAGES));
      send(
          "/chat",
          "{\"stream\":%s,\"system\":\"canary\",\"message\":\"Thanks\"}".formatted(stream));

      assertThat(world.queue().records().toString())
          .doesNotContain("canary", "prompt_length", "prompt_sha256", "content\"");
      assertThat(world.lines().toString()).doesNotContain("canary", "prompt_length");
    }
  }
}
