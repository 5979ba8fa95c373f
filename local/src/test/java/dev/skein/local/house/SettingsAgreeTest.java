package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Code, template and README name the same variables. */
class SettingsAgreeTest {
  private static final Path ROOT = Path.of("..");

  /** Read by the SDK, and by Lambda itself, not by our code. */
  private static final Set<String> OF_AWS =
      Set.of("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_LAMBDA_EXEC_WRAPPER");

  private static final Pattern READ_BY_SETTINGS =
      Pattern.compile(
          "(?:(?:settings|Settings)\\s*\\.(?:text|required|list|integer|millis|choice|url)\\(\\s*"
              + "|environment\\.get\\()\"((?!AWS_)[A-Z_]+)\"");
  private static final Pattern READ_BY_LOCAL =
      Pattern.compile("(?:port|number|getOrDefault)\\((?:environment, )?\"([A-Z_]+)\"");
  private static final Pattern README_ROW = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\|");

  @Test
  void whatTheFunctionsReadIsWhatTheTemplateDeclares() {
    var declared = new TreeSet<>(declaredByTheTemplate());
    declared.removeAll(OF_AWS);

    assertThat(readBy(READ_BY_SETTINGS, "shared", "functions")).isEqualTo(declared);
  }

  @Test
  void whatCanBeSetHasItsRowInTheReadme() throws IOException {
    var settable = new TreeSet<>(declaredByTheTemplate());
    settable.addAll(
        readBy(READ_BY_LOCAL, "local/src/main/java/dev/skein/local/LocalSettings.java"));

    assertThat(names(README_ROW, Files.readString(ROOT.resolve("README.md")))).isEqualTo(settable);
  }

  private static Set<String> declaredByTheTemplate() {
    return TemplateReader.read(ROOT.resolve("template.yaml")).functions().stream()
        .map(Deployment.Function::environment)
        .flatMap(environment -> environment.keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> readBy(Pattern pattern, String... folders) {
    return Stream.of(folders)
        .flatMap(folder -> sources(ROOT.resolve(folder)))
        .flatMap(source -> names(pattern, source).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> sources(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("src/main"))
          .map(SettingsAgreeTest::text)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
