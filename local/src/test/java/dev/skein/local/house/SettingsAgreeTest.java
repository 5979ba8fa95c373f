package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmConfig;
import dev.skein.local.LocalSettings;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import dev.skein.local.template.TemplateReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The code, the template, README.md and docs/configuration.md agree on settings and defaults. */
class SettingsAgreeTest {
  /** Read by the AWS SDK or by Lambda, not by this project. */
  private static final Set<String> OF_AWS =
      Set.of(
          "AWS_ENDPOINT_URL_SQS",
          "AWS_ENDPOINT_URL_DYNAMODB",
          "AWS_ENDPOINT_URL_SECRETS_MANAGER",
          "AWS_LAMBDA_EXEC_WRAPPER");

  private static final Pattern READ_BY_SETTINGS =
      Pattern.compile(
          "(?:(?:settings|Settings)\\s*\\.(?:text|required|list|integer|millis|choice|url)\\(\\s*"
              + "|environment\\.get\\()\"((?!AWS_)[A-Z_]+)\"");
  private static final Pattern READ_BY_LOCAL =
      Pattern.compile("(?:isOn|number|getOrDefault)\\((?:environment, )?\"([A-Z_]+)\"");
  private static final String CONFIGURATION = "docs/configuration.md";

  @Test
  void theTemplateDeclaresExactlyTheSettingsThatTheFunctionsRead() {
    var declared = new TreeSet<>(declaredByTheTemplate());
    declared.removeAll(OF_AWS);

    assertThat(readBy(READ_BY_SETTINGS, "shared", "functions")).isEqualTo(declared);
  }

  @Test
  void everyFunctionThatWritesRecordsToTheTableWritesTheChainOrNoneDoes() {
    var writers =
        template().functions().stream()
            .map(Deployment.Function::environment)
            .filter(environment -> environment.containsKey("AUDIT_SHARDS"))
            .toList();

    assertThat(writers)
        .hasSizeGreaterThan(1)
        .allSatisfy(it -> assertThat(it).containsKey("AUDIT_CHAIN"));
  }

  @Test
  void everySettingHasOneRowOnTheConfigurationPage() {
    var settable = new TreeSet<>(declaredByTheTemplate());
    settable.addAll(
        readBy(READ_BY_LOCAL, "local/src/main/java/dev/skein/local/LocalSettings.java"));

    assertThat(DocumentationTest.settings(CONFIGURATION))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(settable);
  }

  @Test
  void theDefaultsOnTheConfigurationPageAreThoseOfTheTemplate() {
    var defaults = defaults(CONFIGURATION);
    for (var function : template().functions()) {
      function
          .environment()
          .forEach(
              (name, value) -> {
                if (!name.startsWith("AWS_ENDPOINT_")) {
                  assertThat(words(defaults.get(name)))
                      .as(name + " of " + function.name())
                      .contains(documented(name, value));
                }
              });
    }
  }

  /** The template leaves the default model to the code. */
  private static String documented(String name, Value value) {
    String absent = name.equals("OPENAI_MODEL") ? LlmConfig.DEFAULT_MODEL : "none";
    return value instanceof Value.Literal(String text) && !text.isEmpty() ? text : absent;
  }

  @Test
  void onlyTheCodeDecidesTheDefaultModel() {
    for (var function : template().functions()) {
      assertThat(function.environment().getOrDefault("OPENAI_MODEL", new Value.Literal("")))
          .as(function.name())
          .isEqualTo(new Value.Literal(""));
    }
  }

  @Test
  void theLocalStackNamesTheSameDefaultModel() {
    var named =
        Pages.find(
            "DEFAULT_MODEL = \"([^\"]*)\"",
            Pages.read("local/src/main/java/dev/skein/local/ModelChoice.java"));

    assertThat(named).extracting(it -> it.group(1)).containsExactly(LlmConfig.DEFAULT_MODEL);
  }

  @Test
  void theExamplesUseTheDefaultModel() {
    var examples =
        Pages.find("\\bgpt-[\\w.-]*\\w", Pages.read("events/audit-consumer.json")).stream();
    for (String page : List.of("README.md", "docs/api.md", "docs/audit.md", "docs/deploy.md")) {
      var named = Pages.find("\\bgpt-[\\w.-]*\\w", Pages.read(page));
      assertThat(named).as(page).isNotEmpty();
      examples = Stream.concat(examples, named.stream());
    }

    assertThat(examples.map(MatchResult::group)).containsOnly(LlmConfig.DEFAULT_MODEL);
  }

  @Test
  void theDefaultsOnTheConfigurationPageAreThoseOfTheLocalStack() {
    var defaults = defaults(CONFIGURATION);
    var local = LocalSettings.from(Map.of());

    assertThat(defaults)
        .containsEntry("PORT", Integer.toString(local.port()))
        .containsEntry("QUEUE_PORT", Integer.toString(local.queuePort()))
        .containsEntry("TABLE_PORT", Integer.toString(local.tablePort()))
        .containsEntry("MODEL_PORT", Integer.toString(local.modelPort()))
        .containsEntry("MAX_ENVIRONMENTS", Integer.toString(local.maxEnvironments()))
        .containsEntry("ENVIRONMENT_WAIT_MS", Long.toString(local.environmentWait().toMillis()))
        .containsEntry("MODEL_FAULTS", local.modelFaults().isEmpty() ? "none" : "some")
        .containsEntry("FUNCTION_LOGS", local.functionLogs() ? "`on`" : "`off`")
        .containsEntry("MODEL_THINKING", local.modelThinking() ? "`on`" : "`off`")
        .containsEntry("TEMPLATE", "`" + local.template() + "`")
        .containsEntry("DATA_DIR", local.dataFolder().isEmpty() ? "none" : "some");
  }

  @Test
  void theKeySettingsInTheReadmeAgreeWithTheConfigurationPage() {
    assertThat(DocumentationTest.settings("README.md")).hasSize(8).doesNotHaveDuplicates();
    assertThat(defaults(CONFIGURATION)).containsAllEntriesOf(defaults("README.md"));
  }

  /** The second column of each row, by the first. */
  private static Map<String, String> defaults(String page) {
    return Pages.find("(?m)^\\| `([A-Z_]+)` \\| ([^|]*) \\|", Pages.read(page)).stream()
        .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));
  }

  private static List<String> words(@Nullable String cell) {
    return cell == null ? List.of() : List.of(cell.replace("`", "").split(",? ", -1));
  }

  private static Set<String> declaredByTheTemplate() {
    return template().functions().stream()
        .map(Deployment.Function::environment)
        .flatMap(environment -> environment.keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Deployment template() {
    return TemplateReader.read(Pages.ROOT.resolve("template.yaml"));
  }

  private static Set<String> readBy(Pattern pattern, String... folders) {
    return Pages.sources(folders).stream()
        .flatMap(source -> names(pattern, source).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
