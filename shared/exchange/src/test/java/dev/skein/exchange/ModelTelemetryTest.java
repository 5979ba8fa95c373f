package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.StreamedBody;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Settings;
import dev.skein.exchange.testing.EmbeddedMetricFormat;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What CloudWatch and X-Ray get of exchanges with a scripted model; the daemon's socket is real.
 */
@Timeout(30)
class ModelTelemetryTest {
  private static final String SAMPLED =
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  private static final String PROMPT = "canary-of-the-prompt";
  private static final String REPLY = "canary-of-the-reply";
  private static final String USER = "canary-of-the-user";
  private static final String IDENTITY = "canary-of-the-identity";

  private DatagramSocket daemon;
  private TestEnvironment world;

  @BeforeEach
  void start() throws IOException {
    daemon = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    daemon.setSoTimeout(10_000);
    world = TestEnvironment.with(settings());
  }

  @AfterEach
  void nothingIsLeft() {
    world.close();
    daemon.close();
  }

  private Map<String, String> settings(String... more) {
    var settings = new HashMap<String, String>();
    settings.put("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + daemon.getLocalPort());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  private void restart(TestEnvironment other) {
    world.close();
    world = other;
  }

  private record Text() implements StreamFormat {
    @Override
    public String piece(Delta delta) {
      return delta.text();
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      return "";
    }

    @Override
    public String error(ObjectNode document) {
      return "";
    }
  }

  /** Answers a request, and does what follows the response. */
  private void ask(boolean stream, Optional<String> tracingHeader) {
    ApiResponse response = response(stream, tracingHeader);
    if (response.body() instanceof StreamedBody body) {
      var _ = body.writeTo(OutputStream.nullOutputStream());
    }
    response.afterwards().run();
  }

  private ApiResponse response(boolean stream, Optional<String> tracingHeader) {
    var environment = world.environment();
    var request =
        new ApiRequest(
                "POST", "/test", Map.of(), Map.of(), "", "req-1", IDENTITY, ErrorFormat.PROBLEM)
            .withTracingHeader(tracingHeader);
    var asked = new LlmRequest("m-1", List.of(new Message(Role.USER, PROMPT)), Defaults.of(0, 9));
    return environment
        .exchange()
        .run(
            request,
            Deadline.in(Duration.ofMinutes(10), System::nanoTime),
            new AuditedExchange.Subject("/test", USER, "m-1", PROMPT),
            Optional.empty(),
            started ->
                started.ask(
                    environment.llm(),
                    asked,
                    stream,
                    new Text(),
                    _ -> new Rendered.Document(Json.object())));
  }

  private JsonNode received() throws Exception {
    var packet = new DatagramPacket(new byte[65_536], 65_536);
    daemon.receive(packet);
    String text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    String header = "{\"format\":\"json\",\"version\":1}\n";
    assertThat(text).startsWith(header).doesNotContain("canary");
    return Json.STRICT.parse(text.substring(header.length()));
  }

  private List<JsonNode> metrics() {
    List<JsonNode> lines = world.events("gen_ai_metrics");
    assertThat(lines).allMatch(line -> EmbeddedMetricFormat.violations(line).isEmpty());
    assertThat(lines.toString()).doesNotContain("canary");
    return lines;
  }

  @Test
  void aSampledTraceHasASubsegmentOfEachCall() throws Exception {
    world.model().enqueue(ScriptedReply.text(REPLY));

    ask(false, Optional.of(SAMPLED));

    JsonNode subsegment = received();
    String url = world.model().baseUrl() + "/chat/completions";
    assertThat(((ObjectNode) subsegment).remove(List.of("start_time", "end_time")))
        .isEqualTo(
            Json.STRICT.parse(
                """
                {"type": "subsegment", "id": "0011223344556677",
                 "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
                 "parent_id": "53995c3f42cd8ad8",
                 "name": "127.0.0.1", "namespace": "remote",
                 "http": {"request": {"method": "POST", "url": "%s"}},
                 "annotations": {"gen_ai_operation_name": "chat", "gen_ai_system": "_OTHER",
                   "gen_ai_request_model": "m-1"},
                 "metadata": {"gen_ai": {"gen_ai.operation.name": "chat",
                   "gen_ai.system": "_OTHER", "gen_ai.request.model": "m-1",
                   "gen_ai.request.stream": false, "gen_ai.response.model": "m-1",
                   "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5}}}\
                """
                    .formatted(url)));
  }

  @Test
  void aSubsegmentLastsFromTheRequestUntilItsReplyWasRead() throws Exception {
    double before = System.currentTimeMillis() / 1e3;
    world.model().enqueue(ScriptedReply.stream("one ", REPLY));

    ask(true, Optional.of(SAMPLED));

    double after = System.currentTimeMillis() / 1e3;
    JsonNode subsegment = received();
    double start = subsegment.path("start_time").doubleValue();
    double end = subsegment.path("end_time").doubleValue();
    assertThat(start).isBetween(before, end);
    assertThat(end).isLessThanOrEqualTo(after);
    assertThat(subsegment.at("/metadata/gen_ai/gen_ai.server.time_to_first_token").doubleValue())
        .isBetween(0.0, end - start + 0.001);
  }

  @Test
  void aFailoverIsTwoSubsegmentsAndBothSidesAreCounted() throws Exception {
    restart(TestEnvironment.withFailover("llama3.2", settings()));
    world
        .model()
        .script(
            request ->
                request.json().path("model").asText().equals("llama3.2")
                    ? ScriptedReply.text(REPLY)
                    : ScriptedReply.status(429));

    ask(false, Optional.of(SAMPLED));

    JsonNode first = received();
    assertThat(first.path("error").booleanValue()).isTrue();
    assertThat(first.path("throttle").booleanValue()).isTrue();
    assertThat(first.at("/annotations/error_type").asText()).isEqualTo("model-rate-limited");
    JsonNode second = received();
    assertThat(second.has("error")).isFalse();
    assertThat(second.at("/annotations/gen_ai_request_model").asText()).isEqualTo("llama3.2");
    assertThat(metrics())
        .extracting(
            line -> line.path("gen_ai.request.model").asText() + line.path("error.type").asText())
        .containsExactly("m-1model-rate-limited", "llama3.2", "llama3.2");
  }

  @Test
  void aFailureOfTheProviderIsAFault() throws Exception {
    world.model().enqueue(ScriptedReply.html());

    ask(false, Optional.of(SAMPLED));

    JsonNode subsegment = received();
    assertThat(subsegment.path("fault").booleanValue()).isTrue();
    assertThat(subsegment.at("/metadata/gen_ai/error.type").asText()).isEqualTo("model-malformed");
  }

  @Test
  void theTokensOfAReplyThatIsOfNoUseAreCountedIfItReportsThem() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                """
                {"model":"m-1","choices":[],\
                "usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}\
                """));

    ask(false, Optional.empty());

    assertThat(metrics())
        .extracting(
            line ->
                line.path("error.type").asText()
                    + line.path("gen_ai.token.type").asText()
                    + line.path("gen_ai.client.token.usage"))
        .containsExactlyInAnyOrder("input7", "output3", "model-malformed");
  }

  @Test
  void theTokensThatHadBeenCountedWhenAReplyBrokeOffAreNotThoseOfTheReply() {
    world
        .model()
        .enqueue(
            ScriptedReply.status(
                200,
                Map.of("Content-Type", "text/event-stream"),
                """
                data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"one "}}],\
                "usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}}

                """));

    ask(true, Optional.empty());

    assertThat(metrics()).hasSize(1).allMatch(line -> !line.has("gen_ai.client.token.usage"));
  }

  @Test
  void aTextInPlaceOfAModelsNameIsNotReported() throws Exception {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                """
                {"model":"what the %s says","choices":[{"index":0,"message":{"role":"assistant",\
                "content":"x"},"finish_reason":"stop"}]}\
                """
                    .formatted(PROMPT)));

    ask(false, Optional.of(SAMPLED));

    assertThat(received().at("/metadata/gen_ai").has("gen_ai.response.model")).isFalse();
    assertThat(metrics()).hasSize(1);
  }

  @Test
  void aStreamHasATimeToItsFirstTokenAndAWholeReplyHasNone() {
    world.model().enqueue(ScriptedReply.stream("one ", REPLY));
    ask(true, Optional.empty());
    assertThat(metrics().getFirst().path("gen_ai.server.time_to_first_token").isNumber()).isTrue();

    world.model().enqueue(ScriptedReply.text(REPLY));
    ask(false, Optional.empty());
    assertThat(metrics().getLast().has("gen_ai.server.time_to_first_token")).isFalse();
  }

  @Test
  void nothingIsReportedBeforeTheResponseHasBeenSent() {
    world.model().enqueue(ScriptedReply.text(REPLY));

    ApiResponse response = response(false, Optional.of(SAMPLED));

    assertThat(world.events("gen_ai_metrics")).isEmpty();
    response.afterwards().run();
    assertThat(world.events("gen_ai_metrics")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
        "Root=1-5759e988-bd862e3fe1be46a994272793",
        "none"
      })
  void aTraceThatIsNotSampledSendsNothing(String header) throws Exception {
    world.model().enqueue(ScriptedReply.text(REPLY), ScriptedReply.text(REPLY));

    ask(false, Optional.of(header));
    ask(false, Optional.of(SAMPLED));

    // The first datagram is that of the second request.
    assertThat(received().path("trace_id").asText()).startsWith("1-5759e988");
    daemon.setSoTimeout(1);
    assertThatThrownBy(this::received).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void aDaemonThatIsNotThereChangesNothing() {
    daemon.close();
    for (int request = 0; request < 3; request++) {
      world.model().enqueue(ScriptedReply.text(REPLY));
      ask(false, Optional.of(SAMPLED));
    }

    assertThat(metrics()).hasSize(6);
    assertThat(world.events("bug")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tcp:127.0.0.1:%d udp:127.0.0.1:%d", "udp:127.0.0.1:%2$d", "x udp:127.0.0.1:%2$d"})
  void theAddressMayNameTwoPorts(String address) throws Exception {
    int port = daemon.getLocalPort();
    var settings = new Settings(Map.of("AWS_XRAY_DAEMON_ADDRESS", address.formatted(port, port)));

    XRayDaemon.from(settings).orElseThrow().send(Json.object().put("seen", true));

    assertThat(received().path("seen").booleanValue()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "127.0.0.1:", ":2000", "127.0.0.1:0", "h:65536", "h:x"})
  void anyOtherAddressIsNoDaemon(String address) {
    assertThat(XRayDaemon.from(new Settings(Map.of("AWS_XRAY_DAEMON_ADDRESS", address)))).isEmpty();
  }
}
