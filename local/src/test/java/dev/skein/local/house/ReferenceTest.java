package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The tables of routes, parameters, errors, log events and metrics agree with the code. */
class ReferenceTest {
  private static final String NONE = "—";

  private static final List<String> LOG_EVENTS =
      List.of(
          "\\b(?:log|requestLog|(?:log|logOf|ofRequest)\\([^\"]*?\\))\\s*"
              + "\\.(?:info|warn|error|alarm|bug|fault|metrics)\\(\\s*\"(\\w+)\"",
          "\\bline\\(\"[A-Z]+\", \"(\\w+)\"\\)",
          "\\brun\\(\\w+, \"(\\w+)\"\\)",
          "\\b[A-Z]+_EVENT = \"(\\w+)\"");

  private final Deployment deployment = TemplateReader.read(Pages.ROOT.resolve("template.yaml"));

  @Test
  void everyRouteHasARowAndAReference() {
    var paths =
        deployment.functions().stream()
            .flatMap(function -> function.routes().stream())
            .filter(route -> !route.method().equalsIgnoreCase("options"))
            .map(Deployment.Route::path)
            .toList();

    assertThat(Pages.find("(?m)^\\| `[A-Z]+ (/\\S+)` \\|", Pages.section("README.md", "## Routes")))
        .extracting(row -> row.group(1))
        .containsExactlyInAnyOrderElementsOf(paths);
    assertThat(Pages.find("(?m)^## [A-Z]+ (/\\S+)$", Pages.read("docs/api.md")))
        .extracting(heading -> heading.group(1))
        .containsExactlyInAnyOrderElementsOf(paths);
  }

  @Test
  void everyParameterOfTheTemplateHasARow() {
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
  void theErrorsOfTheFunctionsAreThoseOfTheCode() {
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
  void theErrorsOfApiGatewayAreThoseOfTheTemplate() {
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
  void theLogEventsAreThoseOfTheCode() {
    var code = Pages.sources("shared", "functions");
    var inCode = new TreeSet<String>();
    for (String source : code) {
      LOG_EVENTS.forEach(pattern -> inCode.addAll(Pages.groups(pattern, source)));
    }

    assertThat(
            Pages.groups("(?m)^\\| (`[^|]*`) \\|", logEvents()).stream()
                .flatMap(cell -> Pages.groups("`(\\w+)`", cell).stream()))
        .hasSizeGreaterThan(15)
        .containsExactlyInAnyOrderElementsOf(inCode);
  }

  @Test
  void theMetricsAreThoseOfTheCode() {
    var inCode =
        Pages.sources("shared", "functions").stream()
            .flatMap(source -> Pages.groups("\\b\\w*METRIC = \"(\\w+)\"", source).stream())
            .toList();

    assertThat(inCode).isNotEmpty();
    assertThat(Pages.groups("`Skein/(\\w+)`", logEvents()))
        .containsExactlyInAnyOrderElementsOf(inCode);
  }

  @Test
  void theMetricsAndDimensionsOfModelCallsAreThoseOfTheCode() {
    var inCode = new TreeSet<String>();
    for (String source : List.of("GenAiMetrics.java", "SemanticConventions.java")) {
      String folder = "shared/exchange/src/main/java/dev/skein/exchange/";
      inCode.addAll(Pages.groups("\"((?:gen_ai|error)\\.[a-z_.]+)\"", Pages.read(folder + source)));
    }
    String page = Pages.read("docs/metrics.md");

    assertThat(inCode).hasSizeGreaterThan(7);
    assertThat(inCode).allMatch(name -> page.contains("`" + name + "`"));
    assertThat(Pages.groups("(?m)^\\| `((?:gen_ai|error)\\.[a-z_.]+)` \\|", page))
        .isSubsetOf(inCode);
  }

  private static String logEvents() {
    return Pages.section("docs/troubleshooting.md", "## Log events and metrics");
  }
}
