package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What samconfig.toml and the pages deploy is what template.yaml accepts. */
class SamConfigTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern TABLE =
      Pattern.compile("(?ms)^\\[(\\w+)\\.(\\w+)\\.parameters]\\n(.*?)(?=^\\[\\w|\\z)");
  private static final Pattern ENTRY = Pattern.compile("(?ms)^(\\w+) = (\"[^\"]*\"|\\[.*?]|\\w+)$");
  private static final Pattern OVERRIDE = Pattern.compile("([A-Za-z]+)=([^\\s\"',]*)");
  private static final Pattern COMMAND =
      Pattern.compile("--parameter-overrides((?: [A-Za-z]+=[^\\s`]+)+)");

  private record Setting(String where, String parameter, String value) {}

  @Test
  void everyParameterThatIsSetExistsAndAcceptsTheValue() throws IOException {
    var overrides = new ArrayList<>(ofThePages());
    settings()
        .forEach(
            (key, value) -> {
              if (key.endsWith(".parameter_overrides")) {
                overrides.addAll(overrides(key, value));
              }
            });

    assertThat(overrides).hasSizeGreaterThan(5);
    assertThat(overrides)
        .allSatisfy(
            override -> {
              JsonNode parameter = TemplateJson.parameter(override.parameter());
              assertThat(parameter.isMissingNode()).as("%s is no parameter", override).isFalse();
              assertAccepted(parameter, override);
            });
  }

  @Test
  void productionIsAStackOfItsOwnWhoseChangesAreConfirmed() throws IOException {
    assertThat(setting("prod.global", "stack_name"))
        .isNotEmpty()
        .isNotEqualTo(setting("default.global", "stack_name"));
    assertThat(setting("prod.deploy", "confirm_changeset")).isEqualTo("true");
  }

  @Test
  void productionBoundsItsConcurrencyAndKeepsItsLogs() throws IOException {
    var values = new TreeMap<String, String>();
    overrides("prod", setting("prod.deploy", "parameter_overrides"))
        .forEach(override -> values.put(override.parameter(), override.value()));

    assertThat(values).containsEntry("AccessLog", "on");
    assertThat(Integer.parseInt(values.getOrDefault("ReservedConcurrency", "0"))).isPositive();
    assertThat(Integer.parseInt(values.getOrDefault("LogRetentionDays", "0")))
        .as("records of the alternate sink are log lines, and are kept as long as the others")
        .isGreaterThanOrEqualTo(
            TemplateJson.parameter("AuditRetentionDays").path("Default").asInt());
  }

  private static void assertAccepted(JsonNode parameter, Setting override) {
    String value = override.value();
    if (parameter.has("AllowedValues")) {
      assertThat(parameter.path("AllowedValues").valueStream().map(JsonNode::asText))
          .as("%s", override)
          .contains(value);
    }
    if (parameter.has("AllowedPattern")) {
      assertThat(value).as("%s", override).matches(parameter.path("AllowedPattern").asText());
    }
    if (parameter.has("MinValue")) {
      assertThat(new BigDecimal(value))
          .as("%s", override)
          .isBetween(
              new BigDecimal(parameter.path("MinValue").asText()),
              new BigDecimal(parameter.path("MaxValue").asText()));
    }
  }

  private static List<Setting> ofThePages() throws IOException {
    var overrides = new ArrayList<Setting>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
        COMMAND
            .matcher(Files.readString(page))
            .results()
            .forEach(command -> overrides.addAll(overrides(page.toString(), command.group(1))));
      }
    }
    return overrides;
  }

  private static List<Setting> overrides(String where, String text) {
    return OVERRIDE
        .matcher(text)
        .results()
        .map(override -> new Setting(where, override.group(1), override.group(2)))
        .toList();
  }

  /** A setting of a command in an environment, such as {@code prod.deploy}; empty if absent. */
  private static String setting(String command, String key) throws IOException {
    return settings().getOrDefault(command + "." + key, "");
  }

  /** Every value by environment, command and key, without quotation marks. */
  private static Map<String, String> settings() throws IOException {
    var settings = new TreeMap<String, String>();
    TABLE
        .matcher(Files.readString(ROOT.resolve("samconfig.toml")))
        .results()
        .forEach(
            table ->
                ENTRY
                    .matcher(table.group(3))
                    .results()
                    .forEach(
                        entry ->
                            settings.put(
                                "%s.%s.%s"
                                    .formatted(table.group(1), table.group(2), entry.group(1)),
                                entry.group(2).replaceAll("^\"|\"$", ""))));
    return settings;
  }
}
