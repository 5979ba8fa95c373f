package dev.skein.local.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The links, commands and files in the documentation exist. */
class DocumentationTest {
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
  void everyDecisionIsListedWithItsTitle() {
    var titles =
        Pages.all().stream()
            .filter(page -> page.matches("docs/adr/\\d.*"))
            .map(page -> Pages.read(page).lines().findFirst().orElseThrow() + " " + page)
            .toList();

    assertThat(Pages.find("(?m)^(\\d+\\.) \\[(.+)]\\((.+)\\)$", Pages.read("docs/adr/README.md")))
        .extracting(
            entry -> "# " + entry.group(1) + " " + entry.group(2) + " docs/adr/" + entry.group(3))
        .containsExactlyElementsOf(titles);
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
        .flatMap(modules -> List.of(modules.group(1).split(",", -1)))
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
  void theFiguresOfTheReadmeAreThoseThatWereMeasured() {
    String section = Pages.section("README.md", "## How it works");
    var page =
        Pages.find("\\[figures]\\((bench/results/\\w+\\.md)\\)", section).getFirst().group(1);
    var measured = Pages.read(page);
    var figures = Pages.find("([\\d.]+) ms", section);

    assertThat(figures)
        .hasSize(5)
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
