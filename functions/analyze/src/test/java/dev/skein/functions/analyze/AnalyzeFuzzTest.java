package dev.skein.functions.analyze;

import dev.skein.api.testing.CallerFuzz;
import dev.skein.api.testing.HostileEvents;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Mutated events of every route. */
class AnalyzeFuzzTest {

  @Test
  void noEventEndsInAFaultOrRevealsTextOfAParser() {
    CallerFuzz.run(HostileEvents.samples("analyze.json", "summaries.json"), Fuzzed::new);
  }

  private static final class Fuzzed implements CallerFuzz.Target {
    private final TestEnvironment world =
        TestEnvironment.with(
            Map.of(
                "OPENAI_EMBEDDING_MODELS", "text-embedding-3-small", "CORS_ALLOWED_ORIGINS", "*"));
    private final AnalyzeFunction function = new AnalyzeFunction(world.environment());

    private Fuzzed() {
      world.model().script(_ -> ScriptedReply.text("fine"));
    }

    @Override
    public CallerFuzz.Answer call(byte[] event) {
      var response = RecordedResponse.of(function, event, Duration.ofSeconds(10));
      return new CallerFuzz.Answer(response.status(), response.headers(), response.text());
    }

    @Override
    public List<String> log() {
      return world.lines();
    }

    @Override
    public void close() {
      world.close();
    }
  }
}
