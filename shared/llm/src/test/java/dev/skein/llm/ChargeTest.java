package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.faults.Chunks.Ending;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ChargeTest {
  private static final LlmRequest HELLO =
      new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), Defaults.maxTokens(7));

  /** In the style of servers that count with each chunk. */
  private static final String COUNTED =
      "data:"
          + " {\"model\":\"m-1-dated\",\"service_tier\":\"flex\",\"choices\":[{\"delta\":{\"content\":\"a\"}}],"
          + "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":%d,\"total_tokens\":%d}}";

  private static final String ALONE =
      "data: {\"choices\":[],"
          + "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":%d,\"total_tokens\":%d}}";

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();

  @AfterEach
  void nothingIsLeftBehind() {
    http.shutdownNow();
    model.close();
  }

  @Test
  void anAnswerIsChargedByItsUsageAndTheModelThatAnswered() {
    model.enqueue(ScriptedReply.text("Hi").usage(3, 4).model("m-1-dated"));

    var result = whole(HELLO);

    assertThat(result.answer()).contains(result.attempts().getFirst());
    assertThat(result.attempts().getFirst().charge())
        .contains(
            new Charge(
                model.baseUrl(),
                "m-1-dated",
                Optional.of(new Usage(3, 4, 7)),
                true,
                Optional.empty()));
  }

  @Test
  void aReplyThatNamesNoModelIsThatOfTheModelThatWasAsked() {
    model.enqueue(
        ScriptedReply.json(
            200, "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"));

    var charge = charge(whole(HELLO));

    assertThat(charge.model()).isEqualTo("m-1");
    assertThat(charge.usage()).isEmpty();
    assertThat(charge.bound()).as("of an answer").isEmpty();
  }

  @Test
  void everyDetailOfAStreamIsKept() {
    var counted =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":8,"
            + "\"total_tokens\":17,\"prompt_tokens_details\":{\"cached_tokens\":5,"
            + "\"cache_write_tokens\":1},\"completion_tokens_details\":{\"reasoning_tokens\":2}}}";
    model.enqueue(
        ScriptedReply.stream("a")
            .replaced("\"created\":1,", "\"created\":1,\"service_tier\":\"priority\",")
            .usage(Optional.empty())
            .inserted(3, counted));

    var charge = charge(streamed(HELLO));

    assertThat(charge.usage())
        .contains(
            new Usage(
                9,
                8,
                17,
                OptionalLong.of(5),
                OptionalLong.of(1),
                OptionalLong.of(2),
                Optional.of("priority")));
    assertThat(charge.complete()).isTrue();
  }

  @Test
  void aStreamThatBrokeOffIsChargedByWhatItHadReported() {
    model.enqueue(
        ScriptedReply.stream("b")
            .inserted(1, COUNTED.formatted(2, 6))
            .inserted(2, COUNTED.formatted(3, 7))
            .first(4)
            .ending(Ending.CLOSED));

    var result = streamed(HELLO);

    assertThat(result.outcome()).isInstanceOf(Cut.class);
    assertThat(result.answer()).isEmpty();
    var charge = charge(result);
    assertThat(charge.usage()).map(Usage::completionTokens).contains(3L);
    assertThat(charge.usage()).flatMap(Usage::serviceTier).contains("flex");
    assertThat(charge.complete()).as("more may have been written").isFalse();
    assertThat(charge.bound()).map(TokenBound::completion).contains(7L);
  }

  /** Each in a chunk of its own, as OpenAI sends the last one. */
  @Test
  void aCountInAChunkOfItsOwnIsNotTheLastBeforeTheAnswerHasEnded() {
    model.enqueue(
        ScriptedReply.stream("b")
            .inserted(1, ALONE.formatted(0, 4))
            .inserted(3, ALONE.formatted(1, 5))
            .first(4)
            .ending(Ending.CLOSED));

    var charge = charge(streamed(HELLO));

    assertThat(charge.usage()).map(Usage::completionTokens).contains(1L);
    assertThat(charge.complete()).isFalse();
    assertThat(charge.bound()).isPresent();
  }

  @Test
  void aLastCountWithoutTheCacheOfAnEarlierOneIsUnclear() {
    String cached = ",\"prompt_tokens_details\":{\"cached_tokens\":2,\"cache_write_tokens\":1}}}";
    String half = ",\"prompt_tokens_details\":{\"cached_tokens\":2}}}";
    String first = ALONE.formatted(0, 4).replace("}}", cached);
    model.enqueue(
        ScriptedReply.stream("b")
            .usage(Optional.empty())
            .inserted(1, first)
            .inserted(4, ALONE.formatted(1, 5)),
        ScriptedReply.stream("b")
            .usage(Optional.empty())
            .inserted(1, first)
            .inserted(4, ALONE.formatted(1, 5).replace("}}", half)),
        ScriptedReply.stream("b")
            .usage(Optional.empty())
            .inserted(1, first)
            .inserted(4, ALONE.formatted(1, 5).replace("}}", cached)));

    assertThat(charge(streamed(HELLO)).usage()).contains(new Usage(4, 1, 5).unclear());
    assertThat(charge(streamed(HELLO)).usage()).map(Usage::isUnclear).contains(true);
    assertThat(charge(streamed(HELLO)).usage()).map(Usage::isUnclear).contains(false);
  }

  /** Some servers end a stream without a reason. */
  @Test
  void theEndMarkAloneEndsAnAnswerToo() {
    model.enqueue(
        ScriptedReply.stream("b")
            .replaced("\"finish_reason\":\"stop\"", "\"finish_reason\":null")
            .usage(Optional.empty())
            .inserted(3, ALONE.formatted(1, 5)));

    var charge = charge(streamed(HELLO));

    assertThat(charge.usage()).map(Usage::completionTokens).contains(1L);
    assertThat(charge.complete()).isTrue();
  }

  @Test
  void aCutReplyWithoutUsageIsBoundedByItsRequest() {
    model.enqueue(ScriptedReply.stream("a", "b").first(2).ending(Ending.CLOSED));

    var charge = charge(streamed(HELLO));

    long bytes = model.received().getFirst().body().getBytes(StandardCharsets.UTF_8).length;
    assertThat(charge.usage()).isEmpty();
    assertThat(charge.bound()).contains(new TokenBound(bytes + 1024, 7));
  }

  @Test
  void aMalformedReplyIsChargedByItsUsage() {
    model.enqueue(
        ScriptedReply.json(
            200,
            "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"1\"}]},"
                + "\"finish_reason\":\"tool_calls\"}],"
                + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"));

    var result = whole(HELLO);

    assertThat(result.outcome()).isInstanceOf(Malformed.class);
    assertThat(result.answer()).isEmpty();
    assertThat(charge(result).usage()).contains(new Usage(1, 2, 3));
    assertThat(charge(result).complete()).isTrue();
  }

  @Test
  void anErrorAmongTheChunksIsChargedByItsUsage() {
    model.enqueue(
        ScriptedReply.stream("a")
            .inserted(
                2,
                "data: {\"error\":{\"code\":502},\"choices\":[],\"usage\":"
                    + "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"));

    assertThat(charge(streamed(HELLO)).usage()).contains(new Usage(1, 2, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 429, 500, 503, 302})
  void anErrorBillsNothing(int status) {
    model.script(request -> ScriptedReply.error(status, "some_error", "some_error"));

    assertThat(whole(HELLO).attempts()).isNotEmpty().allMatch(it -> it.charge().isEmpty());
  }

  /** Azure: learn.microsoft.com/azure/ai-foundry/openai/how-to/manage-costs. */
  @ParameterizedTest
  @CsvSource({"400, content_filter", "408, some_error"})
  void anErrorThatMayHaveBeenBilledHasABound(int status, String code) {
    model.script(request -> ScriptedReply.error(status, "some_error", code));

    assertThat(charge(whole(HELLO)).bound()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "https://acme.openai.azure.com/openai/v1, true",
    "https://api.openai.com/v1, false",
    "https://azure.com.example.org/v1, false"
  })
  void aPromptThatIsTooLongIsBilledByAzureAlone(URI baseUrl, boolean billed) {
    var error = new ProviderError(400, Optional.empty(), Optional.of("context_length_exceeded"));
    var headers = HttpHeaders.of(Map.of(), (_, _) -> true);

    var charge =
        Charge.of(
            new LlmEndpoint(baseUrl, Optional.empty(), "m-1"),
            RequestBody.of(HELLO, "m-1", ModelProfile.UNKNOWN, false, 0),
            new AttemptResult.Answered(400, headers, ByteBuffer.allocate(0)),
            new Rejected(Reason.REQUEST, error),
            new DetailsCollector(),
            false);

    assertThat(charge.isPresent()).isEqualTo(billed);
  }

  @Test
  void anErrorThatReportsItsUsageIsCharged() {
    model.script(
        request ->
            ScriptedReply.json(
                400,
                "{\"error\":{\"code\":\"tool_use_failed\"},\"usage\":"
                    + "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"));

    assertThat(charge(whole(HELLO)).usage()).contains(new Usage(1, 2, 3));
  }

  @Test
  void aRefusedConnectionBillsNothing() {
    model.close();

    assertThat(whole(HELLO).attempts()).isNotEmpty().allMatch(it -> it.charge().isEmpty());
  }

  @Test
  void aProviderThatNeverRepliedMayBillTheRequest() {
    model.enqueue(ScriptedReply.hang());
    var call = client(1).complete(HELLO, deadline());
    model.awaitInFlight(1, Duration.ofSeconds(10));

    time.advance(Duration.ofSeconds(20));

    assertThat(charge(call.join()).bound()).isPresent();
  }

  @Test
  void aCallThatTheCallerLeftMayBeBilled() {
    model.enqueue(ScriptedReply.stream("a").first(2).ending(Ending.OPEN));
    var stream = client(1).stream(HELLO, deadline());
    stream.next();

    stream.close();

    var result = end(stream);
    assertThat(result.outcome()).isInstanceOf(Abandoned.class);
    assertThat(charge(result).bound()).isPresent();
  }

  @Test
  void anAttemptBeforeTheAnswerIsChargedForItself() {
    model.enqueue(
        ScriptedReply.cut(ScriptedReply.text("half an answer"), 20),
        ScriptedReply.text("whole").usage(3, 4));

    var result = client(2).complete(HELLO, deadline()).join();

    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.attempts()).hasSize(2);
    assertThat(result.attempts().getFirst().charge()).flatMap(Charge::bound).isPresent();
    assertThat(result.answer()).contains(result.attempts().getLast());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":5} | 5",
        "{\"messages\":[],\"max_completion_tokens\":6} | 6",
        "{\"messages\":[],\"max_tokens\":5,\"max_completion_tokens\":6} | 6",
        "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}],\"max_tokens\":5} | 5",
        "{\"messages\":[]} |",
        "{\"messages\":[],\"max_tokens\":5,\"web_search_options\":{}} |",
        "{\"messages\":[],\"max_tokens\":5,\"tools\":[{\"type\":\"web_search\"}]} |",
        "{\"messages\":[],\"max_tokens\":5,\"tools\":[{\"type\":\"function\"}]} | 5",
        "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}],\"max_tokens\":5} |",
        "{\"messages\":[{\"audio\":{\"id\":\"a\"}}],\"max_tokens\":5} |"
      })
  void onlyARequestThatSaysItAllHasABound(String fields, Long completion)
      throws MalformedJsonException {
    var request =
        LlmRequest.passThrough(
            LlmApi.CHAT_COMPLETIONS, "m-1", (ObjectNode) Json.STRICT.parse(fields), Defaults.NONE);
    var body = RequestBody.of(request, "m-1", ModelProfile.UNKNOWN, false, 0);

    assertThat(TokenBound.of(body).map(TokenBound::completion))
        .isEqualTo(Optional.ofNullable(completion));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"web_search_options\":{}} | true",
        "{\"plugins\":[{\"id\":\"web\"}]} | true",
        "{\"search_parameters\":{\"mode\":\"on\"}} | true",
        "{\"enable_search\":true} | true",
        "{\"enable_search\":false} | false",
        "{\"web_search_options\":null} | false",
        "{\"tools\":[{\"type\":\"web_search\"}]} | true",
        "{\"tools\":[{\"google_search\":{}}]} | true",
        "{\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]} |"
            + " true",
        "{\"tools\":[{\"function\":{\"name\":\"f\"}}]} | false",
        "{\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}]} | false"
      })
  void theUsageOfARequestThatHasTheProviderRunToolsIsUnclear(String fields, boolean isUnclear)
      throws MalformedJsonException {
    var body = (ObjectNode) Json.STRICT.parse(fields);
    body.putArray("messages");
    model.enqueue(ScriptedReply.text("Hi").usage(3, 4));

    var charge =
        charge(whole(LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m-1", body, Defaults.NONE)));

    assertThat(charge.usage()).map(Usage::isUnclear).contains(isUnclear);
  }

  /** Fireworks: github.com/theopenco/llmgateway/issues/3332. */
  @ParameterizedTest
  @CsvSource({
    "priority,,priority",
    "priority,default,default",
    "flex,priority,priority",
    "default,,",
    "auto,,",
    "standard_only,,",
    ",,",
    "a text of the caller,,other"
  })
  void aTierThatWasRequestedCountsIfTheReplyNamesNone(String requested, String named, String billed)
      throws MalformedJsonException {
    var fields = (ObjectNode) Json.STRICT.parse("{\"messages\":[],\"max_tokens\":5}");
    if (requested != null) {
      fields.put("service_tier", requested);
    }
    var reply =
        (ObjectNode)
            Json.STRICT.parse(
                "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}");
    if (named != null) {
      reply.put("service_tier", named);
    }
    model.enqueue(ScriptedReply.json(200, reply.toString()));

    var charge =
        charge(
            whole(LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m-1", fields, Defaults.NONE)));

    assertThat(charge.serviceTier()).isEqualTo(Optional.ofNullable(billed));
  }

  private LlmResult whole(LlmRequest request) {
    return client(1).complete(request, deadline()).join();
  }

  private LlmResult streamed(LlmRequest request) {
    return end(client(1).stream(request, deadline()));
  }

  private static LlmResult end(LlmStream stream) {
    while (true) {
      if (stream.next() instanceof LlmEvent.End(LlmResult result)) {
        return result;
      }
    }
  }

  private static Charge charge(LlmResult result) {
    return result.attempts().getLast().charge().orElseThrow();
  }

  private Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(20), time::nanoTime);
  }

  private HttpLlmClient client(int endpoints) {
    var limit = Duration.ofSeconds(30);
    var limits = new LlmLimits(limit, limit, limit, limit, limit, 2048, 1, 1000, 1000);
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m-1");
    var all = Collections.nCopies(endpoints, endpoint);
    return new HttpLlmClient(http, new LlmConfig(all, List.of("m-1"), limits, false), time.world());
  }
}
