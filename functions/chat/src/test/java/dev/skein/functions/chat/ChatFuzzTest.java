package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.CallerFuzz;
import dev.skein.api.testing.GuidedFuzz;
import dev.skein.api.testing.HostileEvents;
import dev.skein.exchange.testing.FuzzedFunction;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mutated events of every route. Jazzer calls it too, in the profile {@code fuzz}. */
public final class ChatFuzzTest {
  private static final List<ObjectNode> SAMPLES =
      HostileEvents.samples(
          "chat.json",
          "chat-stream.json",
          "completions.json",
          "text-completions.json",
          "embeddings.json",
          "models.json");

  @Test
  void noEventEndsInAFaultOrRevealsTextOfAParser() {
    CallerFuzz.run(SAMPLES, () -> new FuzzedFunction(ChatFunction::new));
  }

  @Test
  void noInputThatOnceReachedNewCodeDoesEither() {
    Guided.FUZZ.replay(Path.of("src/test/corpus"));
  }

  /** For Jazzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    Guided.FUZZ.run(input);
  }

  private static final class Guided {
    static final GuidedFuzz FUZZ =
        new GuidedFuzz(SAMPLES, () -> new FuzzedFunction(ChatFunction::new));
  }
}
