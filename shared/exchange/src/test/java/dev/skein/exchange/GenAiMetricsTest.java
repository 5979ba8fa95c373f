package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.exchange.testing.EmbeddedMetricFormat;
import dev.skein.llm.Charge;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.ProviderError;
import dev.skein.llm.Usage;
import dev.skein.pricing.NanoUsd;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenAiMetricsTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private static final URI OPENAI = URI.create("https://api.openai.com/v1");
  private static final Optional<Usage> USAGE = Optional.of(new Usage(16, 7, 23));

  private final List<String> lines = new ArrayList<>();
  private final Log log =
      new Log(InstantSource.fixed(NOW), lines::add, "skein", "skein-Chat")
          .ofRequest("req-1", Optional.empty());

  @AfterEach
  void everyLineFollowsTheSpecification() throws MalformedJsonException {
    for (JsonNode line : written()) {
      assertThat(EmbeddedMetricFormat.violations(line)).as(line.toString()).isEmpty();
    }
  }

  private static Attempt attempt(LlmApi api, String model, URI url, LlmOutcome outcome) {
    var operation =
        new Operation(
            api,
            url,
            true,
            NOW,
            Duration.ofMillis(1234),
            outcome instanceof Completed ? Optional.of(Duration.ofMillis(250)) : Optional.empty());
    var charge =
        usage(outcome)
            .map(usage -> new Charge(url, model, Optional.of(usage), true, Optional.empty()));
    return new Attempt(model, outcome, Map.of(), false, charge, Optional.of(operation));
  }

  private static Optional<Usage> usage(LlmOutcome outcome) {
    return switch (outcome) {
      case Completed completed -> completed.usage();
      case Refused refused -> refused.usage();
      case OutOfTokens used -> used.usage();
      default -> Optional.empty();
    };
  }

  private static Attempt chat(LlmOutcome outcome) {
    return attempt(LlmApi.CHAT_COMPLETIONS, "gpt-6-luna", OPENAI, outcome);
  }

  private static LlmOutcome answer() {
    return new Completed("a text", "stop", "gpt-6-luna-2026-08-01", USAGE);
  }

  private void report(Map<String, String> settings, Attempt... attempts) {
    ModelTelemetry.from(new Settings(settings))
        .report(
            List.of(new LlmResult(new Abandoned(), List.of(attempts))),
            Optional.empty(),
            _ -> Optional.empty(),
            () -> "00112233445566778899aabbccddeeff",
            log);
  }

  private List<JsonNode> written() throws MalformedJsonException {
    var parsed = new ArrayList<JsonNode>();
    for (String line : lines) {
      parsed.add(Json.STRICT.parse(line));
    }
    return parsed;
  }

  private List<String> errorTypes() throws MalformedJsonException {
    return written().stream()
        .map(line -> line.path("error.type").asText())
        .filter(it -> !it.isEmpty())
        .toList();
  }

  @Test
  void theCallOfAStreamIsTwoLines() {
    report(Map.of(), chat(answer()));

    String dimensions =
        "\"Dimensions\":[[\"stack\",\"function\",\"gen_ai.operation.name\",\"gen_ai.system\","
            + "\"gen_ai.request.model\"";
    String begin =
        "{\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"level\":\"INFO\","
            + "\"event\":\"gen_ai_metrics\",\"request_id\":\"req-1\",\"stack\":\"skein\","
            + "\"function\":\"skein-Chat\",\"_aws\":{\"Timestamp\":1795428000000,"
            + "\"CloudWatchMetrics\":[";
    String ofTokenType =
        "{\"Namespace\":\"Skein\","
            + dimensions
            + ",\"gen_ai.token.type\"]],"
            + "\"Metrics\":[{\"Name\":\"gen_ai.client.token.usage\",\"Unit\":\"Count\"}]}]},";
    String series =
        "\"gen_ai.operation.name\":\"chat\",\"gen_ai.system\":\"openai\","
            + "\"gen_ai.request.model\":\"gpt-6-luna\",";
    assertThat(lines)
        .containsExactly(
            begin
                + "{\"Namespace\":\"Skein\","
                + dimensions
                + "]],\"Metrics\":["
                + "{\"Name\":\"gen_ai.client.operation.duration\",\"Unit\":\"Seconds\"},"
                + "{\"Name\":\"gen_ai.server.time_to_first_token\",\"Unit\":\"Seconds\"}]},"
                + ofTokenType
                + series
                + "\"gen_ai.client.operation.duration\":1.234,"
                + "\"gen_ai.server.time_to_first_token\":0.25,"
                + "\"gen_ai.token.type\":\"input\",\"gen_ai.client.token.usage\":16}",
            begin
                + ofTokenType
                + series
                + "\"gen_ai.token.type\":\"output\",\"gen_ai.client.token.usage\":7}");
  }

  @Test
  void theNewerNamesAreWrittenForWhoeverOptsIn() throws Exception {
    report(
        Map.of("OTEL_SEMCONV_STABILITY_OPT_IN", "http, gen_ai_latest_experimental"),
        chat(answer()));

    JsonNode line = written().getFirst();
    assertThat(line.path("gen_ai.provider.name").asText()).isEqualTo("openai");
    assertThat(line.path("gen_ai.client.operation.time_to_first_chunk").asDouble()).isEqualTo(0.25);
    assertThat(String.join("", lines)).doesNotContain("gen_ai.system", "gen_ai.server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http", "gen_ai_latest"})
  void anyOtherOptInChangesNothing(String optIn) throws Exception {
    report(Map.of("OTEL_SEMCONV_STABILITY_OPT_IN", optIn), chat(answer()));

    assertThat(written().getFirst().has("gen_ai.system")).isTrue();
  }

  @Test
  void anAnswerHasItsCostAndAnAttemptBeforeItHasNone() throws Exception {
    ModelTelemetry.from(new Settings(Map.of()))
        .report(
            List.of(
                new LlmResult(answer(), List.of(chat(answer()), chat(answer()))),
                new LlmResult(answer(), List.of(chat(answer())))),
            Optional.empty(),
            _ -> Optional.of(new NanoUsd(37_800)),
            () -> "00112233445566778899aabbccddeeff",
            log);

    JsonNode line = written().getFirst();
    assertThat(line.path("skein.client.cost")).hasSize(2);
    assertThat(lines.getFirst()).contains("\"skein.client.cost\":[3.78E-5,3.78E-5]");
    assertThat(String.join("", lines.subList(1, lines.size()))).doesNotContain("skein.client.cost");
  }

  @Test
  void nothingIsWrittenIfItIsOff() {
    report(Map.of("GEN_AI_METRICS", "off"), chat(answer()), chat(new Abandoned()));

    assertThat(lines).isEmpty();
  }

  @Test
  void theCallsOfABatchShareTheirLines() throws Exception {
    report(Map.of(), Collections.nCopies(100, chat(answer())).toArray(Attempt[]::new));

    assertThat(lines).hasSize(2);
    assertThat(written().getFirst().path("gen_ai.client.operation.duration")).hasSize(100);
    assertThat(written().getLast().path("gen_ai.client.token.usage")).hasSize(100);
  }

  @Test
  void aLineHasAtMostAHundredValuesOfAMetricAndNoneIsLost() throws Exception {
    var attempts = new ArrayList<>(Collections.nCopies(250, chat(answer())));
    attempts.addAll(Collections.nCopies(101, chat(new Cut("it broke off"))));
    report(Map.of(), attempts.toArray(Attempt[]::new));

    int answered = 0;
    int failed = 0;
    for (JsonNode line : written()) {
      JsonNode durations = line.path("gen_ai.client.operation.duration");
      int count = durations.isNumber() ? 1 : durations.size();
      answered += line.has("error.type") ? 0 : count;
      failed += line.has("error.type") ? count : 0;
    }
    assertThat(lines).hasSize(8);
    assertThat(answered).isEqualTo(250);
    assertThat(failed).isEqualTo(101);
  }

  @Test
  void aFailureIsCountedByItsProblemAndNotWithTheAnswers() throws Exception {
    report(
        Map.of(),
        chat(new RateLimited(new ProviderError(429), Optional.empty())),
        chat(new TimedOut(Limit.FIRST_TOKEN)),
        chat(answer()));

    assertThat(errorTypes()).containsExactly("model-rate-limited", "model-timed-out");
    JsonNode answered = written().getFirst();
    assertThat(answered.path("gen_ai.client.operation.duration").isNumber()).isTrue();
    JsonNode failed = written().getLast();
    assertThat(failed.at("/_aws/CloudWatchMetrics/0/Dimensions/0/5").asText())
        .isEqualTo("error.type");
  }

  @Test
  void anErrorTypeIsTheNameOfOneOfOurProblems() throws Exception {
    String prose = "whatever the provider writes";
    var error = new ProviderError(500, Optional.of(prose), Optional.of(prose));
    report(
        Map.of(),
        chat(new Refused(USAGE)),
        chat(new OutOfTokens(USAGE)),
        chat(new Cut(prose)),
        chat(new RateLimited(error, Optional.empty())),
        chat(new TimedOut(Limit.DEADLINE)),
        chat(new Rejected(Reason.REQUEST, error, Optional.of(prose), Optional.empty())),
        chat(new Rejected(Reason.CREDENTIALS, error)),
        chat(new Unavailable(error, Optional.empty())),
        chat(new Unavailable(NoReply.TLS_FAILED, Optional.empty())),
        chat(new Malformed(prose)),
        chat(new Abandoned()));

    assertThat(errorTypes())
        .containsExactly(
            "model-refused",
            "model-out-of-tokens",
            "model-cut",
            "model-rate-limited",
            "model-timed-out",
            "model-rejected",
            "model-misconfigured",
            "model-unavailable",
            "model-malformed",
            "caller-disconnected");
    assertThat(String.join("", lines)).doesNotContain(prose);
  }

  @Test
  void tokensThatAreBilledCountEvenIfTheModelDeclined() throws Exception {
    report(Map.of(), chat(new Refused(USAGE)));

    assertThat(written())
        .extracting(line -> line.path("gen_ai.client.token.usage").asInt())
        .containsExactly(16, 7, 0);
  }

  @Test
  void tokensThatTheProviderDoesNotReportAreNotZero() {
    report(Map.of(), chat(new Completed("a text", "stop", "m", Optional.empty())));

    assertThat(lines)
        .singleElement()
        .satisfies(line -> assertThat(line).doesNotContain("gen_ai.client.token.usage"));
  }

  @Test
  void embeddingsHaveNoOutput() throws Exception {
    report(
        Map.of(),
        attempt(
            LlmApi.EMBEDDINGS,
            "text-embedding-3-small",
            OPENAI,
            new Completed("", "", "text-embedding-3-small", Optional.of(new Usage(5, 0, 5)))));

    assertThat(written()).hasSize(1);
    assertThat(written().getFirst().path("gen_ai.operation.name").asText()).isEqualTo("embeddings");
  }

  @Test
  void eachModelAndOperationIsASeries() throws Exception {
    report(
        Map.of(),
        chat(new Unavailable(new ProviderError(503), Optional.empty())),
        attempt(
            LlmApi.CHAT_COMPLETIONS, "llama3.2", URI.create("http://127.0.0.1:11434/v1"), answer()),
        attempt(LlmApi.COMPLETIONS, "gpt-6-luna", OPENAI, answer()));

    assertThat(written())
        .extracting(
            line ->
                line.path("gen_ai.operation.name").asText()
                    + " "
                    + line.path("gen_ai.system").asText()
                    + " "
                    + line.path("gen_ai.request.model").asText())
        .containsExactly(
            "chat openai gpt-6-luna",
            "chat _OTHER llama3.2",
            "chat _OTHER llama3.2",
            "text_completion openai gpt-6-luna",
            "text_completion openai gpt-6-luna");
  }

  @Test
  void whateverModelAProviderClaimsToBeAddsNoSeries() throws Exception {
    for (int reply = 0; reply < 300; reply++) {
      String claimed = "canary-" + reply + "\n\u00fc\",{".repeat(reply);
      report(Map.of(), chat(new Completed("a text", "stop", claimed, USAGE)));
    }

    var series = new TreeSet<String>();
    for (JsonNode line : written()) {
      for (JsonNode directive : line.at("/_aws/CloudWatchMetrics")) {
        for (JsonNode name : directive.at("/Dimensions/0")) {
          series.add(name.asText() + "=" + line.path(name.asText()).asText());
        }
      }
    }
    assertThat(series)
        .containsExactly(
            "function=skein-Chat",
            "gen_ai.operation.name=chat",
            "gen_ai.request.model=gpt-6-luna",
            "gen_ai.system=openai",
            "gen_ai.token.type=input",
            "gen_ai.token.type=output",
            "stack=skein");
    assertThat(String.join("", lines)).doesNotContain("canary");
  }

  @Test
  void aModelThatTheOperatorNamesInAnyCharactersIsAValidDimension() throws Exception {
    report(Map.of(), attempt(LlmApi.CHAT_COMPLETIONS, "g\u00e4n se".repeat(99), OPENAI, answer()));

    assertThat(written().getFirst().path("gen_ai.request.model").asText())
        .startsWith("g_n_seg_n_se")
        .hasSize(250);
  }
}
