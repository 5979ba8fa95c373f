package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateReader;
import dev.skein.local.testing.FreePorts;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelChoiceTest {
  private static final String OWN = "http://127.0.0.1:11434/v1";

  private final Deployment deployment =
      TemplateReader.read(RunningStack.ROOT.resolve("template.yaml"));

  private String description(Map<String, String> shell) {
    try (var choice = ModelChoice.of(deployment, shell, FreePorts.settings(Map.of()))) {
      return choice.description();
    }
  }

  @Test
  void theModelAndTheServerAreNamed() {
    assertThat(description(Map.of("OPENAI_BASE_URL", OWN, "OPENAI_MODEL", "llama3.2")))
        .isEqualTo("Replies come from llama3.2 at " + OWN + ". Requests may name llama3.2.");
    assertThat(description(Map.of("OPENAI_API_KEY", "sk-canary", "OPENAI_MODEL", "gpt-x")))
        .startsWith("Replies come from gpt-x at https://api.openai.com/v1.");
  }

  @Test
  void openAisDefaultModelNeedsNoName() {
    assertThat(description(Map.of("OPENAI_API_KEY", "sk-canary")))
        .isEqualTo(
            "Replies come from the default model, gpt-6-luna, at https://api.openai.com/v1."
                + " Requests may name gpt-6-luna.");
  }

  @Test
  void everyNameThatARequestMayContainIsPrinted() {
    assertThat(description(Map.of("OPENAI_MODEL", "a", "OPENAI_ALLOWED_MODELS", "b, a,,c")))
        .startsWith("Replies come from an offline stand-in")
        .endsWith(" Requests may name a, b, c.");
  }

  @Test
  void aPasswordInTheUrlIsNotPrinted() {
    assertThat(description(Map.of("OPENAI_BASE_URL", "https://me:s3cr@t@host/v1?key=s3cret")))
        .startsWith("Replies come from the default model, gpt-6-luna, at https://***@host/v1.")
        .doesNotContain("s3cr", "t@host", "me:");
  }

  @Test
  void openAisHostMayBeWrittenInAnyCase() {
    assertThat(
            description(
                Map.of("OPENAI_API_KEY", "k", "OPENAI_BASE_URL", "HTTPS://API.openai.com/")))
        .doesNotContain("Set OPENAI_MODEL");
  }

  @Test
  void anotherServerIsSaidToNeedTheNameOfItsModel() {
    assertThat(description(Map.of("OPENAI_BASE_URL", OWN, "OPENAI_MODEL", " ")))
        .startsWith("Replies come from the default model, gpt-6-luna, at " + OWN + ".")
        .contains("one of OpenAI's", "Set OPENAI_MODEL to a model of this server");
  }
}
