package dev.skein.exchange.testing;

import dev.skein.api.testing.CallerFuzz;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.runtime.StreamingHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A function that calls the model, in an environment of its own, for hostile events. */
public final class FuzzedFunction implements CallerFuzz.Target {
  /** Also for a machine that does much else at the same time. */
  private static final Duration TIME = Duration.ofMinutes(5);

  private final TestEnvironment world =
      TestEnvironment.with(
          Map.of(
              "OPENAI_EMBEDDING_MODELS", "text-embedding-3-small",
              "CORS_ALLOWED_ORIGINS", "*",
              "LLM_CONNECT_TIMEOUT_MS", "60000",
              "LLM_FIRST_BYTE_TIMEOUT_MS", "200000",
              "LLM_STALL_TIMEOUT_MS", "200000"));
  private final StreamingHandler function;

  /** Starts the environment and its model, which answers everything. */
  public FuzzedFunction(Function<ModelEnvironment, StreamingHandler> function) {
    this.function = function.apply(world.environment());
    world.model().script(_ -> ScriptedReply.text("fine"));
  }

  @Override
  public CallerFuzz.Answer call(byte[] event) {
    return RecordedResponse.of(function, event, TIME).answer();
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
