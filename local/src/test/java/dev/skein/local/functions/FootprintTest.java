package dev.skein.local.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the chat function costs each of its users is compared with the figures that are checked in,
 * so that it does not grow unnoticed.
 */
@Timeout(120)
class FootprintTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path ZIP = ROOT.resolve("functions/chat/target/chat.zip");
  private static final Path FIGURES = ROOT.resolve("functions/chat/footprint.properties");
  private static final Path EVENT = ROOT.resolve("events/chat.json");

  private static final int WARM_UP = 100;
  private static final int REQUESTS = 400;

  /** Less is a change too: a figure that is too high would let the next growth pass. */
  private static final double MAX_DECREASE = 0.05;

  private enum Figure {
    ZIP_BYTES(0.01),
    /** Patch releases of the JDK differ a little. */
    CLASSES_LOADED_FOR_FIRST_REQUEST(0.01),
    BYTES_ALLOCATED_FOR_WARM_REQUEST(0.03);

    private final double maxIncrease;

    Figure(double maxIncrease) {
      this.maxIncrease = maxIncrease;
    }

    String property() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean accepts(long measured, long recorded) {
      return measured <= recorded * (1 + maxIncrease) && measured >= recorded * (1 - MAX_DECREASE);
    }
  }

  @Test
  void theChatFunctionCostsWhatIsRecorded(@TempDir Path folder) throws Exception {
    Map<Figure, Long> measured = measure(Files.createDirectory(folder.resolve("first")));
    if (!differences(measured, recorded()).isEmpty()) {
      // On a busy machine a start may give up waiting for a connection, which takes more classes.
      measure(Files.createDirectory(folder.resolve("again")))
          .forEach((figure, again) -> measured.merge(figure, again, Math::min));
    }
    if (Boolean.getBoolean("skein.write")) {
      write(measured);
    }
    assertThat(differences(measured, recorded()))
        .as(
            "If this is intended, update the figures: mvn -pl local -am verify -Dtest=FootprintTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dskein.write=true")
        .isEmpty();
  }

  @Test
  void growthBeyondTheToleranceAndALargeDecreaseAreDifferences() {
    Map<Figure, Long> recorded = Map.of(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, 1000L);

    assertThat(differences(Map.of(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, 1010L), recorded))
        .isEmpty();
    assertThat(differences(Map.of(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, 950L), recorded))
        .isEmpty();
    assertThat(differences(Map.of(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, 1011L), recorded))
        .containsExactly("classes_loaded_for_first_request: 1,000 recorded, 1,011 measured");
    assertThat(differences(Map.of(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, 949L), recorded))
        .containsExactly("classes_loaded_for_first_request: 1,000 recorded, 949 measured");
  }

  private static Map<Figure, Long> measure(Path folder) throws Exception {
    var figures = new EnumMap<Figure, Long>(Figure.class);
    figures.put(Figure.ZIP_BYTES, Files.size(ZIP));
    byte[] event = Files.readAllBytes(EVENT);
    try (var chat = MeasuredChat.start(ZIP, folder)) {
      chat.invoke(event, 1);
      figures.put(Figure.CLASSES_LOADED_FOR_FIRST_REQUEST, (long) chat.classes());
      chat.invoke(event, WARM_UP);
      long before = chat.allocated();
      chat.invoke(event, REQUESTS);
      long allocated = chat.allocated() - before;
      figures.put(Figure.BYTES_ALLOCATED_FOR_WARM_REQUEST, allocated / REQUESTS);
    }
    return figures;
  }

  private static List<String> differences(Map<Figure, Long> measured, Map<Figure, Long> recorded) {
    var differences = new ArrayList<String>();
    recorded.forEach(
        (figure, before) -> {
          long now = measured.getOrDefault(figure, 0L);
          if (!figure.accepts(now, before)) {
            differences.add(
                String.format(
                    Locale.ROOT, "%s: %,d recorded, %,d measured", figure.property(), before, now));
          }
        });
    return differences;
  }

  private static Map<Figure, Long> recorded() throws IOException {
    var properties = new Properties();
    try (Reader file = Files.newBufferedReader(FIGURES)) {
      properties.load(file);
    }
    var figures = new EnumMap<Figure, Long>(Figure.class);
    for (Figure figure : Figure.values()) {
      figures.put(figure, Long.valueOf(properties.getProperty(figure.property())));
    }
    return figures;
  }

  private static void write(Map<Figure, Long> figures) throws IOException {
    var lines = new ArrayList<String>();
    lines.add("# What the chat function costs. Written and checked by FootprintTest.");
    figures.forEach((figure, value) -> lines.add(figure.property() + "=" + value));
    Files.write(FIGURES, lines);
  }
}
