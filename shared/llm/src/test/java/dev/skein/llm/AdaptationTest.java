package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.ModelProfile.Setting;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Models that refuse what Skein adds, met over real sockets. No retry is allowed. */
@Timeout(30)
class AdaptationTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final List<Message> HELLO = List.of(new Message(Role.USER, "Hello"));
  private static final LlmRequest CHAT = new LlmRequest("new-1", HELLO, Defaults.of(0, 4096));
  private static final LlmRequest TASK = new LlmRequest("new-1", HELLO, Defaults.shortAnswer(5));

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    http.shutdownNow();
    model.close();
  }

  private HttpLlmClient client(boolean streaming) {
    var limits = new LlmLimits(SOON, SOON, SOON, SOON, SOON, 2048, 0, 0, 1000);
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "new-1");
    return new HttpLlmClient(
        http, new LlmConfig(List.of(endpoint), List.of("new-1"), limits, streaming));
  }

  private static LlmResult ask(HttpLlmClient client, LlmRequest request) {
    return client
        .complete(request, Deadline.in(Duration.ofSeconds(20), System::nanoTime))
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  private static ScriptedReply refusal(String parameter, String code) {
    return ScriptedReply.json(
        400,
        """
        {"error":{"message":"this model: %s","type":"invalid_request_error","param":"%s","code":"%s"}}\
        """
            .formatted(parameter, parameter, code));
  }

  /** As current OpenAI models do: one refusal at a time. */
  private static ScriptedReply likeOpenAi(ModelRequest request) {
    JsonNode json = request.json();
    if (json.has("max_tokens")) {
      return refusal("max_tokens", "unsupported_parameter");
    }
    return json.path("temperature").asDouble(1) != 1
        ? refusal("temperature", "unsupported_value")
        : ScriptedReply.text("hi");
  }

  @Test
  void eachRefusedParameterIsChangedAndTheAnswerIsTheCallers() {
    model.script(AdaptationTest::likeOpenAi);

    var result = ask(client(false), CHAT);

    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.attempts()).hasSize(3);
    JsonNode last = model.received().getLast().json();
    assertThat(last.path("max_completion_tokens").intValue()).isEqualTo(4096);
    assertThat(last.has("temperature")).isFalse();
  }

  @Test
  void whatWasLearnedIsReportedOnceAndRemembered() {
    model.script(AdaptationTest::likeOpenAi);
    var client = client(false);

    assertThat(ask(client, CHAT).attempts().getLast().learned())
        .isEqualTo(
            Map.of(Setting.TOKEN_LIMIT, "max_completion_tokens", Setting.TEMPERATURE, "rejected"));
    assertThat(ask(client, CHAT).attempts()).extracting(Attempt::learned).containsExactly(Map.of());
  }

  @Test
  void aCallThatIsRefusedAfterAnotherHasLearnedIsSentAgainToo() {
    var gate = new CountDownLatch(1);
    model.script(
        request ->
            request.number() == 1
                ? refusal("max_tokens", "unsupported_parameter").held(gate)
                : likeOpenAi(request));
    var client = client(false);
    var late = client.complete(CHAT, Deadline.in(Duration.ofSeconds(20), System::nanoTime));
    model.awaitRequests(1, SOON);
    assertThat(ask(client, CHAT).outcome()).isInstanceOf(Completed.class);

    gate.countDown();

    assertThat(late.join().outcome()).isInstanceOf(Completed.class);
    assertThat(late.join().attempts()).hasSize(2);
  }

  @Test
  void aGuessThatDidNotHelpIsForgotten() {
    model.script(request -> refusal("max_tokens", "unsupported_parameter"));
    var client = client(false);

    assertThat(ask(client, CHAT).outcome()).isInstanceOf(Rejected.class);
    assertThat(model.requests()).isEqualTo(2);

    model.script(request -> ScriptedReply.text("hi"));
    ask(client, CHAT);
    assertThat(model.received().getLast().json().has("max_tokens")).isTrue();
  }

  @Test
  void streamOptionsAreLeftOutWhereTheyAreRefused() {
    model.script(
        request ->
            request.json().has("stream_options")
                ? ScriptedReply.status(422)
                : ScriptedReply.stream("hi"));

    assertThat(ask(client(true), CHAT).outcome())
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.text()).isEqualTo("hi"));
  }

  private static ScriptedReply contextExceeded(ModelRequest request, int context) {
    return request.json().has("max_tokens")
        ? ScriptedReply.json(
            400,
            """
            {"error":{"message":"This model's maximum context length is %d tokens. However, you requested 9000 tokens \
            (4904 in the messages, 4096 in the completion).","type":"BadRequestError","param":null,"code":400}}\
            """
                .formatted(context))
        : ScriptedReply.text("hi");
  }

  @Test
  void aLimitThatOnePromptLeavesNoRoomForIsStillSentWithTheNextOne() {
    model.script(request -> contextExceeded(request, 8192));
    var client = client(false);

    assertThat(ask(client, CHAT).outcome()).isInstanceOf(Completed.class);
    model.script(request -> ScriptedReply.text("hi"));
    ask(client, CHAT);

    assertThat(model.received().getLast().json().path("max_tokens").intValue()).isEqualTo(4096);
  }

  @Test
  void aLimitThatNoPromptLeavesRoomForIsNotSentAgain() {
    model.script(request -> contextExceeded(request, 4096));
    var client = client(false);

    assertThat(ask(client, CHAT).outcome()).isInstanceOf(Completed.class);
    assertThat(ask(client, CHAT).attempts()).hasSize(1);
  }

  @Test
  void whatAModelBrokeOffAfterIsNotLearned() {
    model.script(
        request ->
            request.json().has("stream_options")
                ? ScriptedReply.status(422)
                : ScriptedReply.stream("hi").first(1));
    var client = client(true);

    assertThat(ask(client, CHAT).outcome()).isInstanceOf(Cut.class);
    assertThat(ask(client, CHAT).attempts()).hasSize(2);
  }

  private static ScriptedReply thinking(ModelRequest request, int thoughts) {
    int limit = request.json().path("max_tokens").asInt();
    return limit > thoughts
        ? ScriptedReply.text("positive")
        : ScriptedReply.text("").finishReason("length");
  }

  @Test
  void aShortAnswerThatThinkingUsedUpIsAskedForAgainWithMoreTokens() {
    model.script(request -> thinking(request, 300));
    var client = client(false);

    assertThat(ask(client, TASK).outcome()).isInstanceOf(Completed.class);
    assertThat(ask(client, TASK).attempts()).hasSize(1);
    assertThat(model.received())
        .extracting(it -> it.json().path("max_tokens").intValue())
        .containsExactly(5, 2053, 2053);
  }

  @Test
  void anAnswerThatThinkingUsedUpWholeIsAnErrorAndNoEmptyText() {
    model.script(request -> thinking(request, 1_000_000));

    var task = ask(client(false), TASK);
    var chat = ask(client(true), CHAT);

    assertThat(task.outcome()).isInstanceOf(OutOfTokens.class);
    assertThat(task.attempts()).hasSize(2);
    assertThat(chat.outcome()).isInstanceOf(OutOfTokens.class);
    assertThat(chat.attempts()).hasSize(1);
  }

  @Test
  void whatTheCallerChoseIsNotChanged() {
    model.script(AdaptationTest::likeOpenAi);

    var result = ask(client(false), CHAT.withTemperature(0.3));

    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Rejected.class, it -> assertThat(it.error().code()).contains("unsupported_value"));
    assertThat(result.attempts()).hasSize(2);
  }

  @Test
  void aPassedRequestIsAdaptedToo() {
    model.script(AdaptationTest::likeOpenAi);

    assertThat(ask(client(false), passed(7)).outcome()).isInstanceOf(Completed.class);
    assertThat(lastLimit()).isEqualTo(7);
    assertThat(ask(client(false), passed(null)).outcome()).isInstanceOf(Completed.class);
    assertThat(lastLimit()).isEqualTo(4096);
  }

  private static LlmRequest passed(@Nullable Integer maxTokens) {
    ObjectNode fields = Json.object().put("max_tokens", maxTokens);
    fields.putArray("messages").addObject().put("role", "user").put("content", "Hello");
    return LlmRequest.passThrough(
        LlmApi.CHAT_COMPLETIONS, "new-1", fields, Defaults.maxTokens(4096));
  }

  private int lastLimit() {
    return model.received().getLast().json().path("max_completion_tokens").intValue();
  }
}
