package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.Charge;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.Usage;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a subsegment says of each API; {@link ModelTelemetryTest} has the rest. */
class XRaySubsegmentTest {
  private static final URI OPENAI = URI.create("https://api.openai.com/v1");

  @ParameterizedTest
  @EnumSource(LlmApi.class)
  void everyCallHasInputTokensAndAllButEmbeddingsHaveOutputTokens(LlmApi api) {
    var usage = Optional.of(new Usage(16, 0, 16));
    var operation =
        new Operation(api, OPENAI, false, Instant.EPOCH, Duration.ofMillis(1234), Optional.empty());
    var attempt =
        new Attempt(
            "m-1",
            new Completed("", "", "m-1", usage),
            Map.of(),
            false,
            Optional.of(new Charge(OPENAI, "m-1", usage, true, Optional.empty())),
            Optional.of(operation));

    var document =
        XRaySubsegment.of(
            GenAiCall.of(attempt, operation, SemanticConventions.V1_36, Optional.empty()),
            new TracingHeader("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"),
            "0011223344556677",
            SemanticConventions.V1_36);

    var metadata = document.at("/metadata/gen_ai");
    assertThat(metadata.path("gen_ai.usage.input_tokens").intValue()).isEqualTo(16);
    assertThat(metadata.has("gen_ai.usage.output_tokens")).isEqualTo(api != LlmApi.EMBEDDINGS);
    assertThat(document.at("/http/request/url").textValue()).isEqualTo(OPENAI + api.path());
  }
}
