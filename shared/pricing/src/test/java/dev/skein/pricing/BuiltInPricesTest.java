package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The form of the committed table, of which a function reads only the lines that it needs. */
class BuiltInPricesTest {
  private static final Path TABLE = Path.of("src/main/resources/dev/skein/pricing/prices");
  private static final int MAX_BYTES = 100_000;

  @TestFactory
  Stream<DynamicTest> everyLineOfEveryFileIsReadable() throws IOException {
    return files().entrySet().stream()
        .filter(file -> !file.getKey().equals("providers.txt"))
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getKey(), () -> PriceListCheck.check(file.getValue(), 1)));
  }

  @Test
  void theTableSaysWhereItsDataIsFromAndWhenItWasTaken() throws IOException {
    assertThat(files().values())
        .allSatisfy(
            text ->
                assertThat(text.lines().limit(3))
                    .anySatisfy(
                        line ->
                            assertThat(line)
                                .matches(
                                    "# Source: genai-prices [\\d.]+, https://\\S+, taken on"
                                        + " \\d{4}-\\d\\d-\\d\\d, .*"))
                    .anySatisfy(line -> assertThat(line).contains("MIT license")));
  }

  @Test
  void everyProviderHasItsFileAndHosts() throws IOException {
    var named = new ArrayList<String>();
    for (String line : lines("providers.txt", "provider ")) {
      var provider = Provider.read(List.of(line.substring("provider ".length()).split(" ", -1)));
      named.add(provider.id() + ".txt");
      assertThat(provider.hosts()).isNotEmpty();
      for (String host : provider.hosts()) {
        assertThat(new BuiltInPrices().provider(host, -1)).contains(provider);
      }
    }

    var files = new ArrayList<>(files().keySet());
    files.remove("providers.txt");
    assertThat(named).isSorted().containsExactlyElementsOf(files);
  }

  @Test
  void theModelsOfAProviderAreSortedAndNoNameOccursTwice() throws IOException {
    for (String file : files().keySet()) {
      var models = lines(file, "model ").stream().map(line -> line.split(" ", -1)).toList();

      assertThat(models.stream().map(words -> words[1])).as(file).isSorted();
      assertThat(models.stream().flatMap(words -> Stream.of(words).skip(1)))
          .as(file)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void noNameIsThatOfOneModelAndOfThePatternOfAnother() throws IOException {
    for (String file : files().keySet()) {
      for (String line : lines(file, "model ")) {
        for (String name : line.substring("model ".length()).split(" ", -1)) {
          if (!ModelName.isPattern(name, 0, name.length())) {
            assertThat(modelsThatMatch(file, name)).as(name).hasSizeLessThanOrEqualTo(1);
          }
        }
      }
    }
  }

  @Test
  void everyModelHasAStandardPriceAndNoPriceOfZero() throws IOException {
    for (var file : files().entrySet()) {
      var list = new PriceList(file.getValue());
      for (String line : lines(file.getKey(), "model ")) {
        String name = line.split(" ", -1)[1];

        List<Price> prices = list.prices(name).orElseThrow();

        assertThat(prices).as(name).anyMatch(price -> price.tier().equals(Price.STANDARD));
        assertThat(prices.stream().flatMap(price -> price.bands().stream()))
            .as(name)
            .allMatch(band -> band.input().value() > 0);
      }
    }
  }

  @Test
  void theTableIsSmall() throws IOException {
    int bytes = files().values().stream().mapToInt(String::length).sum();

    assertThat(bytes).isLessThan(MAX_BYTES);
    assertThat(files().values())
        .allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode)
        .allMatch(text -> text.endsWith("\n") && text.equals(lowerCaseButComments(text)));
  }

  private static List<String> modelsThatMatch(String file, String name) throws IOException {
    var models = new ArrayList<String>();
    for (String line : lines(file, "model ")) {
      boolean matches = false;
      for (String other : line.substring("model ".length()).split(" ", -1)) {
        matches |=
            other.equals(name)
                || (ModelName.isPattern(other, 0, other.length())
                    && ModelName.matches(other, 0, other.length(), name));
      }
      if (matches) {
        models.add(line);
      }
    }
    return models;
  }

  private static String lowerCaseButComments(String text) {
    var lower = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      lower.append(line.startsWith("#") ? line : line.toLowerCase(Locale.ROOT));
      lower.append('\n');
    }
    return lower.substring(0, lower.length() - 1);
  }

  private static List<String> lines(String file, String keyword) throws IOException {
    return Files.readAllLines(TABLE.resolve(file)).stream()
        .filter(line -> line.startsWith(keyword))
        .toList();
  }

  private static SortedMap<String, String> files() throws IOException {
    var files = new TreeMap<String, String>();
    try (var paths = Files.list(TABLE)) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readString(path));
      }
    }
    return files;
  }
}
