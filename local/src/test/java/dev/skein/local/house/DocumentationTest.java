package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the pages name exists, and what callers meet is on the pages. */
class DocumentationTest {
  private static final String NONE = "—";

  private final Deployment deployment = TemplateReader.read(Pages.ROOT.resolve("template.yaml"));

  @Test
  void everyRelativeLinkLeadsToAFileAndAHeading() {
    var broken = new ArrayList<String>();
    int links = 0;
    for (String page : Pages.all()) {
      String text = Pages.read(page).replaceAll("(?s)```.*?```", "").replaceAll("`[^`\n]*`", "");
      for (var link : Pages.find("\\]\\(([^)\\s]+)\\)", text)) {
        if (!link.group(1).matches("https?://.*")) {
          links++;
          if (!leadsSomewhere(page, link.group(1))) {
            broken.add(page + ": " + link.group(1));
          }
        }
      }
    }

    assertThat(links).isGreaterThan(40);
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(String page, String link) {
    String[] parts = link.split("#", 2);
    Path file =
        parts[0].isEmpty()
            ? Pages.ROOT.resolve(page)
            : Pages.ROOT.resolve(page).resolveSibling(parts[0]).normalize();
    if (!Files.exists(file)) {
      return false;
    }
    return parts.length == 1
        || anchors(Pages.read(Pages.ROOT.relativize(file).toString())).contains(parts[1]);
  }

  /** Of each heading, as GitHub forms them. */
  private static Set<String> anchors(String text) {
    return Pages.find("(?m)^#+ (.+)$", text.replaceAll("(?s)```.*?```", "")).stream()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void everyPageIsLinkedFromAnotherPage() {
    var linked =
        Pages.all().stream()
            .flatMap(
                page ->
                    Pages.find("\\]\\(([^)#\\s]+)", Pages.read(page)).stream()
                        .map(link -> Path.of(page).resolveSibling(link.group(1)).normalize()))
            .map(Path::toString)
            .collect(Collectors.toSet());

    assertThat(Pages.all())
        .filteredOn(page -> !page.equals("README.md"))
        .allMatch(linked::contains);
  }

  @Test
  void everyClassThatTheContributingPageNamesExists() throws IOException {
    var ofTheJdk = Set.of("Duration", "Instant");
    var names =
        Pages.find("`([A-Z][a-z]+[A-Za-z]*)(?:\\.\\w+)?`", Pages.read("CONTRIBUTING.md")).stream()
            .map(name -> name.group(1))
            .filter(name -> !ofTheJdk.contains(name))
            .toList();
    Set<String> classes;
    try (var files = Files.walk(Pages.ROOT)) {
      classes =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".java"))
              .map(file -> file.replace(".java", ""))
              .collect(Collectors.toSet());
    }

    assertThat(names).hasSizeGreaterThan(10).allMatch(classes::contains);
  }

  @Test
  void everyFunctionCanBeInvokedAloneAndEveryEventOfSuchACommandExists() {
    var functions = deployment.functions().stream().map(Deployment.Function::name).toList();
    var invoked =
        Pages.all().stream()
            .flatMap(
                page ->
                    Pages.find(
                        "(?m)^sam local invoke (\\w+) -e (\\S+) -n (\\S+)$", Pages.read(page))
                        .stream())
            .toList();

    assertThat(invoked).extracting(it -> it.group(1)).containsAll(functions);
    assertThat(invoked)
        .allMatch(it -> functions.contains(it.group(1)))
        .allMatch(it -> Files.exists(Pages.ROOT.resolve(it.group(2))))
        .allMatch(it -> Files.exists(Pages.ROOT.resolve(it.group(3))));
  }

  @Test
  void everyMavenCommandNamesProfilesModulesAndSettingsThatExist() {
    var profiles =
        Pages.find("<profile>(?s:\\s|<!--.*?-->)*<id>(\\w+)</id>", Pages.read("pom.xml")).stream()
            .map(profile -> profile.group(1))
            .toList();
    var settings = settings("docs/configuration.md");
    var commands =
        Pages.all().stream()
            .flatMap(
                page ->
                    Pages.find("(?:^|(?<=[\n`]))[^\n`|]*\\bmvn [^\n`|]+", Pages.read(page))
                        .stream())
            .map(command -> command.group())
            .toList();

    assertThat(commands).hasSizeGreaterThan(15);
    assertThat(commands)
        .flatMap(command -> Pages.find(" -P(\\w+)", command))
        .extracting(profile -> profile.group(1))
        .isNotEmpty()
        .allMatch(profiles::contains);
    assertThat(commands)
        .flatMap(command -> Pages.find(" -pl (\\S+)", command))
        .extracting(module -> module.group(1))
        .isNotEmpty()
        .allMatch(module -> Files.exists(Pages.ROOT.resolve(module).resolve("pom.xml")));
    assertThat(commands)
        .flatMap(command -> Pages.find("(?:^| )([A-Z_]+)=", command.replaceAll(" mvn .*", "")))
        .extracting(setting -> setting.group(1))
        .isNotEmpty()
        .allMatch(settings::contains);
  }

  @Test
  void everyScriptAndEventFileThatAPageNamesExists() {
    var files =
        Pages.all().stream()
            .flatMap(
                page ->
                    Pages.find("(?<![\\w/.])(?:\\.ci|events)/[\\w.-]*\\w", Pages.read(page))
                        .stream())
            .map(file -> file.group())
            .filter(file -> !file.equals("events/NAME.json"))
            .toList();

    assertThat(files).hasSizeGreaterThan(10);
    assertThat(files).allMatch(file -> Files.exists(Pages.ROOT.resolve(file)));
  }

  @Test
  void everyRouteHasItsRowAndItsReference() {
    var paths =
        deployment.functions().stream()
            .flatMap(function -> function.routes().stream())
            .map(Deployment.Route::path)
            .collect(Collectors.toSet());

    assertThat(Pages.find("(?m)^\\| `[A-Z]+ (/\\S+)` \\|", Pages.section("README.md", "## Routes")))
        .extracting(row -> row.group(1))
        .containsExactlyInAnyOrderElementsOf(paths);
    assertThat(Pages.find("(?m)^## [A-Z]+ (/\\S+)$", Pages.read("docs/api.md")))
        .extracting(heading -> heading.group(1))
        .containsExactlyInAnyOrderElementsOf(paths);
  }

  @Test
  void everyParameterOfTheTemplateHasItsRow() {
    String template = Pages.read("template.yaml");
    var declared =
        Pages.find(
                "(?m)^  (\\w+):$",
                template.substring(
                    template.indexOf("\nParameters:"), template.indexOf("\nConditions:")))
            .stream()
            .map(parameter -> parameter.group(1))
            .toList();

    assertThat(declared).isNotEmpty();
    assertThat(
            Pages.find("(?m)^\\| `(\\w+)` \\|", Pages.section("docs/deploy.md", "## Parameters")))
        .extracting(row -> row.group(1))
        .containsExactlyElementsOf(declared);
  }

  @Test
  void everyErrorOfTheFunctionsHasItsRowAndEveryRowItsError() {
    var inCode = new TreeMap<String, Integer>();
    for (String source : Pages.sources("shared", "functions")) {
      for (var problem :
          Pages.find("\"([a-z]+(?:-[a-z]+)*)\",\\s*\"[A-Z][^\"]*\",\\s*([1-5]\\d\\d)\\b", source)) {
        inCode.put(problem.group(1), Integer.valueOf(problem.group(2)));
      }
    }
    var documented = new TreeMap<String, Integer>();
    for (var row :
        Pages.find(
            "(?m)^\\| `([a-z-]+)` \\| (\\d+|—) \\| (\\d+|—) \\|",
            Pages.section("docs/errors.md", "## Errors that the functions return"))) {
      String own = row.group(2);
      String openAi = row.group(3);
      documented.put(row.group(1), status(own, openAi));
      if (!own.equals(NONE)) {
        // The OpenAI format has no 422.
        assertThat(openAi).as(row.group(1)).isEqualTo(own.equals("422") ? "400" : own);
      }
    }

    assertThat(inCode).hasSizeGreaterThan(15);
    assertThat(documented).isEqualTo(inCode);
  }

  /** An error that no caller gets has the status 499 in the code. */
  private static int status(String own, String openAi) {
    return !own.equals(NONE)
        ? Integer.parseInt(own)
        : openAi.equals(NONE) ? 499 : Integer.parseInt(openAi);
  }

  @Test
  void everyErrorOfApiGatewayHasItsRowAndEveryRowItsError() {
    var inTemplate = new TreeSet<String>();
    for (var response :
        Pages.find(
            "urn:skein:problem:([a-z-]+)\".*?\"status\":(\\d+)", Pages.read("template.yaml"))) {
      inTemplate.add(response.group(1) + " " + response.group(2));
    }

    assertThat(inTemplate).hasSizeGreaterThan(5);
    assertThat(
            Pages.find(
                "(?m)^\\| `([a-z-]+)` \\| (\\d+) \\|",
                Pages.section("docs/errors.md", "## Errors that API Gateway returns")))
        .extracting(row -> row.group(1) + " " + row.group(2))
        .containsExactlyInAnyOrderElementsOf(inTemplate);
  }

  @Test
  void everyLogEventAndMetricOfTheTablesIsWrittenByTheCode() {
    String code = String.join("\n", Pages.sources("shared", "functions"));
    String section = Pages.section("docs/troubleshooting.md", "## Log events and metrics");
    var events =
        Pages.find("(?m)^\\| (`[^|]*`) \\|", section).stream()
            .flatMap(row -> Pages.find("`(\\w+)`", row.group(1)).stream())
            .map(event -> event.group(1))
            .toList();
    var metrics = Pages.find("`Skein/(\\w+)`", section).stream().map(it -> it.group(1)).toList();

    assertThat(events).hasSizeGreaterThan(15).allMatch(event -> code.contains('"' + event + '"'));
    assertThat(metrics).isNotEmpty().allMatch(metric -> code.contains('"' + metric + '"'));
  }

  @Test
  void theFiguresOfTheReadmeAreThoseThatWereMeasured() {
    var measured = Pages.read("bench/results/chat.md");
    var figures = Pages.find("([\\d.]+) ms", Pages.section("README.md", "## How it works"));

    assertThat(figures)
        .hasSize(2)
        .allMatch(figure -> measured.contains(" " + figure.group(1) + " "));
  }

  @Test
  void theReadmeIsAPageThatANewcomerReads() {
    assertThat(Pages.read("README.md").lines()).hasSizeLessThan(175);
  }

  static List<String> settings(String page) {
    return Pages.find("(?m)^\\| `([A-Z_]+)` \\|", Pages.read(page)).stream()
        .map(row -> row.group(1))
        .toList();
  }
}
