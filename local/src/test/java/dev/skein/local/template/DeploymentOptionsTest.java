package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The local stack runs a template with the lines of docs/deploy-options.md as one without. */
final class DeploymentOptionsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String GLOBALS = "Globals:\n  Function:\n";
  private static final Pattern RESOURCE = Pattern.compile("(?m)^  (\\w+):\n((?:    .*\n)+)");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"Canary", "Custom domain", "Firewall", "Functions in a VPC", "Prices of your own"})
  void anOptionChangesNothingLocally(String heading) throws IOException {
    String block = block(heading);

    assertSame(withResources(withGlobals(template(), block), block));
  }

  @Test
  void aPrivateApiChangesNothingLocally() throws IOException {
    String block = block("Private API");
    String policy = block.substring(block.indexOf("        ResourcePolicy:"));
    assertThat(template()).containsOnlyOnce("      Auth:\n        ApiKeyRequired: true\n");

    assertSame(
        template().replace("      Auth:\n        Api", "      Auth:\n" + policy + "        Api"));
  }

  private void assertSame(String edited) throws IOException {
    assertThat(edited).isNotEqualTo(template());
    Deployment expected = TemplateReader.read(ROOT.resolve("template.yaml"));
    Deployment deployment =
        TemplateReader.read(Files.writeString(folder.resolve("template.yaml"), edited));

    assertThat(deployment.functions())
        .extracting(Deployment.Function::name, Deployment.Function::routes)
        .isEqualTo(expected.functions().stream().map(it -> tuple(it.name(), it.routes())).toList());
    assertThat(deployment.queues()).isEqualTo(expected.queues());
    assertThat(deployment.limits()).isEqualTo(expected.limits());
  }

  private static String withGlobals(String template, String block) {
    int at = block.indexOf(GLOBALS);
    return at < 0
        ? template
        : template.replace(
            GLOBALS, GLOBALS + block.substring(at + GLOBALS.length(), block.indexOf("Resources:")));
  }

  /** Adds each resource, or its properties to the resource that the template has. */
  private static String withResources(String template, String block) {
    String result = template;
    Matcher resources = RESOURCE.matcher(block.substring(block.indexOf("Resources:")));
    while (resources.find()) {
      String properties = resources.group(2).replaceFirst("(?s)^.*?    Properties:\n", "");
      String start = "(\n  " + resources.group(1) + ":\n    Type: [^\n]+\n    Properties:\n)";
      result =
          Pattern.compile(start).matcher(result).find()
              ? result.replaceFirst(start, "$1" + Matcher.quoteReplacement(properties))
              : result.replace("\nOutputs:\n", "\n" + resources.group() + "\nOutputs:\n");
    }
    return result;
  }

  private static String block(String heading) throws IOException {
    String page = Files.readString(ROOT.resolve("docs/deploy-options.md"));
    assertThat(page).containsOnlyOnce("\n## " + heading + "\n");
    int start = page.indexOf("```yaml\n", page.indexOf("\n## " + heading + "\n")) + 8;
    return page.substring(start, page.indexOf("```", start));
  }

  private static String template() throws IOException {
    return Files.readString(ROOT.resolve("template.yaml"));
  }
}
