package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntrinsicsTest {

  @TempDir private Path folder;
  private Templates templates;

  @BeforeEach
  void useTheFolder() {
    templates = new Templates(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "!Ref Stage | dev",
        "!Ref Days | 7",
        "!Ref AWS::Region | us-east-1",
        "!Ref AWS::URLSuffix | amazonaws.com",
        "!Ref AWS::StackName | local",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:x' | arn:aws:iam::000000000000:x",
        "!Sub '${Stage}-${AWS::Region}!' | dev-us-east-1!",
        "!Sub 'costs $5' | costs $5",
        "!Sub plain | plain",
        "!If [IsProd, 1, 2] | 2",
        "!If [IsDev, !Ref Stage, 2] | dev",
        "!If [IsDev, !Sub 'x-${Stage}', 2] | x-dev",
        "!If [IsDev, !If [IsProd, a, b], c] | b",
        "True | true",
        "'True' | True",
        "1.50 | 1.50",
      })
  void aValueResolvesToText(String yaml, String text) {
    assertThat(templates.valueOf(yaml)).isEqualTo(new Value.Literal(text));
  }

  @Test
  void refOfAQueueOrTableStaysAReference() {
    assertThat(templates.valueOf("!Ref Jobs")).isEqualTo(new Value.Reference("Jobs"));
    assertThat(templates.valueOf("!Ref Trail")).isEqualTo(new Value.Reference("Trail"));
    assertThat(templates.valueOf("!If [IsDev, !Ref Jobs, none]"))
        .isEqualTo(new Value.Reference("Jobs"));
  }
}
