package dev.skein.local;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import dev.skein.faults.Chunks.Ending;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's own Java client, in front of the whole service. */
@ExtendWith(SharedStack.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OpenAiJavaTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String CALL =
      """
      {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"scripted","choices":[\
      {"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1",\
      "type":"function","function":{"name":"Weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]},\
      "finish_reason":"tool_calls"}]}\
      """;

  private final RunningStack world;
  private final OpenAIClient client;

  OpenAiJavaTest(RunningStack world) {
    this.world = world;
    this.client =
        OpenAIOkHttpClient.builder().baseUrl(world.stack().api() + "/v1").apiKey("local").build();
  }

  /** A function, as the client describes one to a model. */
  static final class Weather {
    public @Nullable String city;
  }

  /** The form of an answer. */
  static final class Goose {
    public @Nullable String name;
    public int age;
  }

  @BeforeEach
  void theModelAnswers() {
    world.model().script(request -> ScriptedReply.text("reply to: " + request.lastUserMessage()));
  }

  @AfterAll
  void stop() {
    client.close();
  }

  @Test
  void theModelsAreListed() {
    assertThat(client.models().list().data())
        .extracting(Model::id)
        .containsExactly(LlmConfig.DEFAULT_MODEL, RunningStack.EMBEDDING_MODEL);
  }

  @Test
  void aCompletionIsWhole() {
    ChatCompletion completion = client.chat().completions().create(ask("Hello").build());

    assertThat(completion.choices().getFirst().message().content()).contains("reply to: Hello");
    assertThat(completion.usage().orElseThrow().totalTokens()).isEqualTo(15);
  }

  @Test
  void aStreamComesInChunks() {
    world.model().enqueue(ScriptedReply.stream("one ", "two ", "three"));

    List<ChatCompletionChunk> chunks = stream(ask("Hello"));

    assertThat(text(chunks)).isEqualTo("one two three");
    assertThat(chunks).hasSizeGreaterThan(3);
    assertThat(chunks.getLast().choices().getFirst().finishReason().orElseThrow().asString())
        .isEqualTo("stop");
  }

  @Test
  void aStreamTellsItsUsageWhenAsked() {
    var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();

    List<ChatCompletionChunk> chunks = stream(ask("Hello").streamOptions(options));

    assertThat(chunks.getLast().usage().orElseThrow().totalTokens()).isEqualTo(15);
  }

  @Test
  void aTextIsContinued() {
    Completion completion = client.completions().create(prompt("Once").build());

    assertThat(completion.choices().getFirst().text()).isEqualTo("reply to: Once");
    assertThat(completion.usage().orElseThrow().totalTokens()).isEqualTo(15);
  }

  @Test
  void aTextIsContinuedInAStream() {
    world.model().enqueue(ScriptedReply.stream("upon ", "a time").legacy());

    try (var stream = client.completions().createStreaming(prompt("Once").build())) {
      assertThat(stream.stream().map(chunk -> chunk.choices().getFirst().text()).collect(joining()))
          .isEqualTo("upon a time");
    }
  }

  @Test
  void aTextThatIsCutRaises() {
    world
        .model()
        .enqueue(ScriptedReply.stream("upon ", "a").legacy().first(2).ending(Ending.RESET));

    try (var stream = client.completions().createStreaming(prompt("Once").build())) {
      var chunks = stream.stream().iterator();
      assertThat(chunks.next().choices().getFirst().text()).isEmpty();
      assertThat(chunks.next().choices().getFirst().text()).isEqualTo("upon ");
      assertThatExceptionOfType(OpenAIException.class).isThrownBy(chunks::hasNext);
    }
  }

  @Test
  void textsHaveEmbeddings() {
    var reply = client.embeddings().create(embed("one", "two"));

    assertThat(reply.data()).hasSize(2);
    assertThat(reply.data().getLast().embedding()).containsExactly(0.6f, 0.8f);
    assertThat(reply.usage().promptTokens()).isEqualTo(10);
  }

  @Test
  void anEmbeddingThatIsMissingRaisesAfterOneAttempt() {
    world.model().enqueue(ScriptedReply.json(200, "{\"data\":[{\"embedding\":[0.6]}]}"));
    int before = world.model().requests();

    var error =
        catchThrowableOfType(
            InternalServerException.class, () -> client.embeddings().create(embed("one", "two")));

    assertThat(error.statusCode()).isEqualTo(502);
    assertThat(world.model().requests() - before).isEqualTo(1);
  }

  private static CompletionCreateParams.Builder prompt(String text) {
    return CompletionCreateParams.builder().model(LlmConfig.DEFAULT_MODEL).prompt(text);
  }

  private static EmbeddingCreateParams embed(String... texts) {
    return EmbeddingCreateParams.builder()
        .model(RunningStack.EMBEDDING_MODEL)
        .inputOfArrayOfStrings(List.of(texts))
        .build();
  }

  @Test
  void aFunctionIsCalled() {
    world.model().enqueue(ScriptedReply.json(200, CALL));

    ChatCompletion completion =
        client.chat().completions().create(ask("Hello").addTool(Weather.class).build());

    var call = completion.choices().getFirst().message().toolCalls().orElseThrow().getFirst();
    assertThat(call.asFunction().function().arguments(Weather.class).city).isEqualTo("Oslo");
    JsonNode tool = world.model().received().getLast().json().path("tools").path(0);
    assertThat(tool.at("/function/parameters/properties").has("city")).isTrue();
  }

  @Test
  void anAnswerHasTheFormOfAClass() {
    world.model().enqueue(ScriptedReply.text("{\"name\":\"Akka\",\"age\":100}"));

    var completion =
        client.chat().completions().create(ask("Hello").responseFormat(Goose.class).build());

    Goose goose = completion.choices().getFirst().message().content().orElseThrow();
    assertThat(goose.name).isEqualTo("Akka");
    assertThat(goose.age).isEqualTo(100);
    JsonNode asked = world.model().received().getLast().json();
    assertThat(asked.at("/response_format/json_schema/schema/properties").has("age")).isTrue();
  }

  @Test
  void aBadRequestNamesItsField() {
    var error =
        catchThrowableOfType(
            BadRequestException.class,
            () -> client.chat().completions().create(ask("Hello").maxCompletionTokens(0).build()));

    assertThat(error.param()).contains("max_completion_tokens");
    assertThat(error.headers().values("x-request-id")).hasSize(1);
  }

  @Test
  void anUnknownModelIsNotFound() {
    var error =
        catchThrowableOfType(
            NotFoundException.class,
            () -> client.chat().completions().create(ask("Hello").model("goose-1").build()));

    assertThat(error.code()).contains("model_not_found");
  }

  @Test
  void whatTheProviderRejectsIsABadRequestWithItsCode() {
    world
        .model()
        .enqueue(ScriptedReply.error(400, "invalid_request_error", "context_length_exceeded"));

    var error =
        catchThrowableOfType(
            BadRequestException.class,
            () -> client.chat().completions().create(ask("Hello").build()));

    assertThat(error.code()).contains("context_length_exceeded");
  }

  @Test
  void aThrottlingProviderIsARateLimit() {
    world.model().enqueue(ScriptedReply.status(429, Map.of("Retry-After", "60"), "{}"));

    var error = catchThrowableOfType(RateLimitException.class, () -> stream(ask("Hello")));

    assertThat(error.headers().values("retry-after")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"503, 503", "401, 502"})
  void aProviderThatDoesNotWorkIsAnErrorOfTheServer(int provider, int reported) {
    world.model().enqueue(ScriptedReply.error(provider, "some_error", "some_error"));

    var error =
        catchThrowableOfType(
            InternalServerException.class,
            () -> client.chat().completions().create(ask("Hello").build()));

    assertThat(error.statusCode()).isEqualTo(reported);
  }

  @Test
  void aCutStreamRaisesAfterItsFirstTokens() {
    world
        .model()
        .enqueue(ScriptedReply.stream("one ", "two ", "three").first(3).ending(Ending.RESET));
    var seen = new ArrayList<ChatCompletionChunk>();

    assertThatExceptionOfType(OpenAIException.class).isThrownBy(() -> stream(ask("Hello"), seen));

    assertThat(text(seen)).isEqualTo("one two ");
  }

  @Test
  void aStreamThatIsClosedEndsTheCallToTheProvider() {
    String[] tokens = "word ".repeat(300).splitWithDelimiters(" ", 0);
    world.model().enqueue(ScriptedReply.stream(tokens).pieces(200, Duration.ofMillis(100)));
    var request = ask("Hello").putAdditionalBodyProperty("user", JsonValue.from("java-left"));
    int number;
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(request.build())) {
      assertThat(text(stream.stream().limit(2).toList())).isEqualTo("word");
      number = world.model().received().getLast().number();
    }

    world.model().awaitClientClosed(number, SOON);

    var left = world.awaitTrail("java-left", "completed", 1).getFirst();
    assertThat(left.get("error").asText()).isEqualTo("caller-disconnected");
    assertThat(text(stream(ask("Again")))).isEqualTo("reply to: Again");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientWithATimeoutGetsOneErrorAndTheCallToTheProviderHasEnded(boolean streamed) {
    // A cold start would take a large part of the client's time.
    client.chat().completions().create(ask("Start").build());
    world.model().script(_ -> ScriptedReply.hang());
    int before = world.model().received().size();
    String user = "java-timeout-" + streamed;
    var request = ask("Hello").putAdditionalBodyProperty("user", JsonValue.from(user));
    var impatient = client.withOptions(options -> options.timeout(Duration.ofSeconds(5)));

    var error =
        catchThrowableOfType(
            InternalServerException.class,
            () -> {
              if (streamed) {
                impatient.chat().completions().createStreaming(request.build()).close();
              } else {
                impatient.chat().completions().create(request.build());
              }
            });

    assertThat(error.statusCode()).isEqualTo(504);
    assertThat(world.model().received()).hasSize(before + 1);
    world.model().awaitClientClosed(world.model().received().getLast().number(), SOON);
    var record = world.awaitTrail(user, "completed", 1).getFirst();
    assertThat(record.get("error").asText()).isEqualTo("model-timed-out");
    assertThat(record.get("latency_ms").asInt()).isLessThan(5000);
  }

  private static ChatCompletionCreateParams.Builder ask(String text) {
    return ChatCompletionCreateParams.builder().model(LlmConfig.DEFAULT_MODEL).addUserMessage(text);
  }

  private List<ChatCompletionChunk> stream(ChatCompletionCreateParams.Builder request) {
    var chunks = new ArrayList<ChatCompletionChunk>();
    stream(request, chunks);
    return chunks;
  }

  private void stream(ChatCompletionCreateParams.Builder request, List<ChatCompletionChunk> into) {
    try (var stream = client.chat().completions().createStreaming(request.build())) {
      stream.stream().forEach(into::add);
    }
  }

  private static String text(List<ChatCompletionChunk> chunks) {
    return chunks.stream()
        .flatMap(chunk -> chunk.choices().stream())
        .map(choice -> choice.delta().content())
        .flatMap(Optional::stream)
        .collect(joining());
  }
}
