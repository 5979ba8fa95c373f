package dev.skein.aot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AotTemplateTest {
  private static final Path TEMPLATE = Path.of("../template.yaml");

  @Test
  void onlyTheZipsAndWhatTheyRunOnDiffer() throws Exception {
    String template = Files.readString(TEMPLATE);
    List<String> before = template.lines().toList();
    List<String> after = AotTemplate.of(template, "x86_64").lines().skip(1).toList();

    assertThat(after.stream().filter(line -> !before.contains(line)).map(String::strip))
        .containsExactly(
            "Default: x86_64",
            "AllowedValues: [x86_64]",
            "Description: Instruction set of the functions. These zips run on no other.",
            "Default: provided.al2023",
            "AllowedValues: [provided.al2023, java25]",
            "CodeUri: functions/chat/target/chat-aot.zip",
            "CodeUri: functions/analyze/target/analyze-aot.zip");
    assertThat(after).hasSameSizeAs(before);
  }

  @Test
  void aTemplateThatHasChangedTooMuchIsReported() {
    assertThatThrownBy(() -> AotTemplate.of("Parameters: {}", "arm64"))
        .isInstanceOf(AotBuildException.class)
        .hasMessageContaining("must contain this exactly once");
  }
}
