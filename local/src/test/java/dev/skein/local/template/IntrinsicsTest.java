package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntrinsicsTest {

  @TempDir private Path folder;
  private Templates templates;

  @BeforeEach
  void writeIntoTheFolder() {
    templates = new Templates(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "!Ref Stage | dev",
        "{ Ref: Stage } | dev",
        "!Ref Days | 7",
        "!Ref AWS::Region | us-east-1",
        "!Ref AWS::AccountId | 000000000000",
        "!Ref AWS::Partition | aws",
        "!Ref AWS::StackName | skein",
        "!Ref AWS::URLSuffix | amazonaws.com",
        "!Sub '${Stage}-${AWS::Region}!' | dev-us-east-1!",
        "{ 'Fn::Sub': 'x-${Stage}' } | x-dev",
        "!Sub ['${a}-${Stage}', { a: !Ref Days }] | 7-dev",
        "!Sub ['${Stage}', { Stage: own }] | own",
        "!Sub '${!Stage} costs $5' | ${Stage} costs $5",
        "!Sub plain | plain",
        "!Join ['-', [a, !Ref Stage, !Ref AWS::NoValue, c]] | a-dev-c",
        "{ 'Fn::Join': [',', !Ref Names] } | a,b",
        "!If [IsProd, 1, 2] | 2",
        "!If [IsDev, !Ref Stage, 2] | dev",
        "{ 'Fn::If': [IsDev, a, b] } | a",
        "!Select [1, [a, b]] | b",
        "!Select [0, !Ref Names] | a",
        "{ 'Fn::Select': ['0', [a, !Ref AWS::NoValue]] } | a",
        "!FindInMap [Sizes, !Ref Stage, memory] | 256",
        "{ 'Fn::FindInMap': [Sizes, dev, memory] } | 256",
        "!Select [1, !FindInMap [Sizes, dev, list]] | y",
        "True | true",
        "'True' | True",
        "1.50 | 1.50",
      })
  void aFunctionResolvesToItsText(String yaml, String text) {
    assertThat(templates.valueOf(yaml)).isEqualTo(new Value.Literal(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "!Equals [a, a] | true",
        "!Equals [a, !Ref Stage] | false",
        "!Not [!Equals [a, a]] | false",
        "!And [!Condition IsDev, !Equals [a, a]] | true",
        "!And [!Condition IsDev, !Condition IsProd] | false",
        "!Or [!Condition IsDev, !Condition IsProd] | true",
        "!Or [!Condition IsProd, !Equals [a, b]] | false",
        "{ 'Fn::Or': [{ Condition: IsProd }, { 'Fn::Not': [{ 'Fn::Equals': [a, b] }] }] } | true",
      })
  void aConditionHoldsOrDoesNot(String condition, String holds) {
    String yaml =
        Templates.changed("VALUE: text", "VALUE: !If [Tried, 'true', 'false']")
            .replace("Conditions:\n", "Conditions:\n  Tried: " + condition + "\n");

    assertThat(templates.read(yaml).functions().getFirst().environment())
        .containsEntry("VALUE", new Value.Literal(holds));
  }

  @Test
  void aReferenceToAQueueOrTableStaysOneUntilItRuns() {
    assertThat(templates.valueOf("!Ref Jobs")).isEqualTo(new Value.Reference("Jobs"));
    assertThat(templates.valueOf("!Ref Trail")).isEqualTo(new Value.Reference("Trail"));
    assertThat(templates.valueOf("!Sub '${Trail}'")).isEqualTo(new Value.Reference("Trail"));
    assertThat(templates.valueOf("!Join ['', [!Ref Jobs]]")).isEqualTo(new Value.Reference("Jobs"));
    assertThat(templates.valueOf("!If [IsDev, !Ref Jobs, none]"))
        .isEqualTo(new Value.Reference("Jobs"));
  }

  @Test
  void attributesAreNamedByTextOrByList() {
    String queue = "Queue: !GetAtt Jobs.Arn";

    assertThat(templates.readChanged(queue, "Queue: !GetAtt [Jobs, Arn]"))
        .isEqualTo(templates.read(Templates.COMPLETE));
    assertThat(templates.readChanged(queue, "Queue: { 'Fn::GetAtt': [Jobs, Arn] }"))
        .isEqualTo(templates.read(Templates.COMPLETE));
    assertThat(templates.readChanged(queue, "Queue: { 'Fn::GetAtt': Jobs.Arn }"))
        .isEqualTo(templates.read(Templates.COMPLETE));
  }

  @Test
  void noValueLeavesThePropertyOut() {
    Deployment deployment = templates.readChanged("Timeout: 20", "Timeout: !Ref AWS::NoValue");

    assertThat(deployment.functions().getFirst().timeout()).hasSeconds(3);
    assertThat(
            templates
                .readChanged("VALUE: text", "VALUE: !If [IsProd, x, !Ref 'AWS::NoValue']")
                .functions()
                .getFirst()
                .environment())
        .doesNotContainKey("VALUE");
  }

  @Test
  void anOverrideGoesBeforeTheDefault() {
    String yaml = Templates.changed("VALUE: text", "VALUE: !If [IsProd, yes-prod, no-prod]");

    assertThat(templates.read(yaml, Map.of("Stage", "prod")).functions().getFirst().environment())
        .containsEntry("VALUE", new Value.Literal("yes-prod"));
  }

  @Test
  void aSecretIsNamedWhateverPartOfItIsAskedFor() {
    String arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:key-AbCdEf";

    assertThat(templates.valueOf("!Sub '{{resolve:secretsmanager:${Stage}/key}}'"))
        .isEqualTo(new Value.Secret("dev/key"));
    assertThat(templates.valueOf("'{{resolve:secretsmanager:key:SecretString:part}}'"))
        .isEqualTo(new Value.Secret("key"));
    assertThat(templates.valueOf("'{{resolve:secretsmanager:" + arn + ":SecretString:part}}'"))
        .isEqualTo(new Value.Secret(arn));
  }
}
