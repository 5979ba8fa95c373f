package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RejectedTemplateTest {

  private static final String RESOURCES = "Resources.";
  private static final String WORKER = "Resources.Worker.Properties.";

  @TempDir private Path folder;
  private Templates templates;

  @BeforeEach
  void useTheFolder() {
    templates = new Templates(folder);
  }

  /** A piece of the complete template, its replacement, and how the error begins. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "2016-10-31 | 2020 | 2: Transform: must be AWS::Serverless-2016-10-31 locally",
        "Conditions: | Mappings: | 7: Mappings: is not supported locally; check the spelling",
        "Default: 7, | `` | 5: Parameters.Days.Default: is missing; add it",
        "Default: 7 | Default: 31 | 5: Parameters.Days.Default: is out of the range of MinValue",
        "Default: 7 | Default: x | 5: Parameters.Days.Default: must be a number",
        "[dev, prod] | [prod] | 4: Parameters.Stage.Default: must be one of prod",
        "https://x | ftp://x | 6: Parameters.Url.Default: does not match ^https?://.+",
        "?://.+ | ://( | 6: Parameters.Url.AllowedPattern: is not a regular expression: ",
        "Type: Number | Type: List<Number> | 5: Parameters.Days.Type: must be String or Number",
        "AllowedValues | NoEcho | 4: Parameters.Stage.NoEcho: is not supported locally",
        "!Not [!E | !Or [!E | 9: Conditions.IsDev: is not a supported condition; use !Equals",
        "IsProd: !Equals [ | IsProd: !Equals [a, | 8: Conditions.IsProd: !Equals needs a list of 2",
        "MemorySize: 256 | Events: {} | 13: Globals.Function.Events: is not supported locally",
      })
  void anUnsupportedSectionParameterOrCondition(String from, String to, String message) {
    assertError(from, to, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Type: AWS::Serverless::Api | Type: AWS::S3::Bucket | 16: Api.Type: must be"
            + " AWS::Serverless",
        "Type: AWS::Serverless::Api | `Type: AWS::Serverless::Api\n    Condition: IsDev` |"
            + " 17: Api.Condition: is not supported locally",
        "`  Dead:\n    Type: AWS::SQS::Queue` | `  Dead:\n    Type: AWS::Serverless::Api` |"
            + " 49: Dead: is a second API; only one is supported locally",
        "StageName: v1 | Cors: x | 18: Api.Properties.Cors: is not supported locally",
        "THROTTLED | TROTTLED | 20: Api.Properties.GatewayResponses.TROTTLED: is not supported",
        "`\"429\"` | 42 | 21: Api.Properties.GatewayResponses.THROTTLED.StatusCode: must be an int",
        "`\"'1'\"` | 1 | 22: Api.Properties.GatewayResponses.THROTTLED.ResponseParameters",
        "$context.requestId | $input.body | 23: Api.Properties.GatewayResponses.THROTTLED.Respo",
        "VisibilityTimeout: 30 | VisibilityTimeout: 43201 | 47: Jobs.Properties.VisibilityTimeout:",
        "VisibilityTimeout | QueueName | 47: Jobs.Properties.QueueName: is not supported locally",
        "Dead.Arn | Trail.Arn | 48: Jobs.Properties.RedrivePolicy.deadLetterTargetArn: must be"
            + " !Get",
        "Count: 5 | Count: 0 | 48: Jobs.Properties.RedrivePolicy.maxReceiveCount: must be an"
            + " integer",
        "PAY_PER_REQUEST | PROVISIONED | 54: Trail.Properties.BillingMode: must be PAY_PER_REQUEST",
        "nType: ALL | nType: INCLUDE | 60: Trail.Properties.GlobalSecondaryIndexes[0].Projection",
        "Enabled: true | Enabled: false | 61: Trail.Properties.TimeToLiveSpecification.Enabled:"
            + " must",
      })
  void anUnsupportedResourceOrProperty(String from, String to, String message) {
    assertError(from, to, message.replaceFirst(": ", ": " + RESOURCES));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Handler: dev | FileSystemConfigs: dev | 28: FileSystemConfigs: is not supported locally",
        "target/worker.zip | target/classes | 27: CodeUri: must be the path of a .zip file, not",
        "target/ | s3://b/ | 27: CodeUri: must be the path of a .zip file, not s3://b/worker.zip",
        "dev.example.Worker | a/b.py | 28: Handler: must be package.Class or package.Class::method",
        "Timeout: 20 | Timeout: 901 | 29: Timeout: must be an integer from 1 to 900, not 901",
        "Timeout: 20 | Timeout: 2.5 | 29: Timeout: must be an integer from 1 to 900, not 2.5",
        "Timeout: 20 | Timeout: [1] | 29: Timeout: must be a single value, not a list or a mapping",
        "Timeout: 20 | Runtime: java21 | 29: Runtime: must be java25 or provided.al2023 locally,"
            + " not java21",
        "`Type: Api\n` | `Type: Schedule\n` | 35: Events.Chat.Type: must be Api or SQS locally",
        "Path: /chat | Path: chat | 36: Events.Chat.Properties.Path: must start with / and have",
        "Path: /chat | Path: '/{rest+}/x' | 36: Events.Chat.Properties.Path: must start with / and"
            + " have",
        "Path: /chat | Path: '/{id}' | 36: Events.Chat.Properties.Path: must start with / and have",
        "Method: post | Method: push | 36: Events.Chat.Properties.Method: must be a method such as",
        "Method: post | TimeoutInMillis: 1 | 36: Events.Chat.Properties.Method: is missing; add it",
        "Method: post | Method: post, TimeoutInMillis: 29001 |"
            + " 36: Events.Chat.Properties.TimeoutInMillis: must be an integer from 50 to 29000",
        "Method: post | Method: post, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis:"
            + " 900001 | 36: Events.Chat.Properties.TimeoutInMillis: must be an integer from 50 to"
            + " 900000",
        "!Ref Api | !Ref Jobs | 36: Events.Chat.Properties.RestApiId: must be !Ref of an AWS::Se",
        "t Jobs.Arn | t Trail.Arn | 40: Events.Jobs.Properties.Queue: must be !GetAtt Name.Arn of",
        "!GetAtt Jobs.Arn | !Ref Jobs | 40: Events.Jobs.Properties.Queue: must be !GetAtt Name.Arn",
        "BatchSize: 10 | BatchSize: 0 | 41: Events.Jobs.Properties.BatchSize: must be an integer",
        "BatchSize: 10 | BatchSize: 11 | 41: Events.Jobs.Properties.BatchSize: above 10, needs a"
            + " Max",
        "BatchSize: 10 | Enabled: 2 | 41: Events.Jobs.Properties.Enabled: must be true or false",
        "BatchSize: 10 | FilterCriteria: x | 41: Events.Jobs.Properties.FilterCriteria: is not sup",
        "Concurrency: 2 | Concurrency: 1 | 42: Events.Jobs.Properties.ScalingConfig.MaximumConc",
        "[Report | [No | 43: Events.Jobs.Properties.FunctionResponseTypes[0]: must be ReportBatch",
        "VisibilityTimeout: 30 | VisibilityTimeout: 19 | 40: Events.Jobs.Properties.Queue: the"
            + " VisibilityTimeout of Jobs, 19 s, is less than",
      })
  void anUnsupportedFunctionOrEvent(String from, String to, String message) {
    assertError(from, to, message.replaceFirst(": ", ": " + WORKER));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[a] | must be a single value, not a list or a mapping",
        "{ Ref: Stage } | must be a single value, not a list or a mapping",
        "!Ref Nothing | there is no parameter or resource Nothing; check the spelling, or declare"
            + " it",
        "!Ref Worker | must be !Ref of a queue (its URL) or of a table (its name)",
        "!GetAtt Jobs.Arn | needs text, but !GetAtt names a resource",
        "!Sub 'x-${Jobs}' | Jobs has no address before it runs, so it cannot be part of a text",
        "!Sub '${Nothing}' | there is no parameter or resource Nothing; check the spelling, or"
            + " declare it",
        "!Sub [a] | must be a single value, not a list or a mapping",
        "!If [Absent, a, b] | there is no condition Absent; add it under Conditions",
        "!If [IsDev, a] | !If needs a list of 3, not of 2",
        "!Join ['', [a]] | !Join is not supported locally; use !Ref, !Sub, !GetAtt or !If",
        "!Foo x | !Foo is not supported locally; use !Ref, !Sub, !GetAtt or !If",
        "'{{resolve:secretsmanager:x}}' | must not be a dynamic reference, which puts the secret"
            + " into the function's configuration; pass the secret's name, and read it in the"
            + " function",
        "~ | has no value; CloudFormation does not allow null",
        "yes | yes has a different meaning in YAML 1.1 and 1.2; quote it",
        "010 | 010 has a different meaning in YAML 1.1 and 1.2; quote it",
        "&a text | CloudFormation does not support YAML aliases; repeat the value",
      })
  void anUnsupportedValue(String yaml, String error) {
    assertThat(templates.errorOf(Templates.changed("VALUE: text", "VALUE: " + yaml)))
        .startsWith("template.yaml:32: " + WORKER + "Environment.Variables.VALUE")
        .endsWith(": " + error);
  }

  @Test
  void theErrorListsWhatIsSupported() {
    assertThat(templates.errorOf(Templates.changed("VisibilityTimeout", "QueueName")))
        .isEqualTo(
            "template.yaml:47: Resources.Jobs.Properties.QueueName: is not supported locally; check"
                + " the spelling or remove it (supported: FifoQueue, KmsMasterKeyId,"
                + " MessageRetentionPeriod, RedrivePolicy,"
                + " SqsManagedSseEnabled, Tags, VisibilityTimeout)");
  }

  @Test
  void aDuplicateRoute() {
    String twin =
        "        Twin: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /chat, Method: POST }"
            + " }";

    assertThat(templates.errorOf(Templates.changed("        Chat:", twin + "\n        Chat:")))
        .isEqualTo(
            "template.yaml:35: Resources.Worker.Properties.Events.Chat: is a second route POST"
                + " /chat");
  }

  @Test
  void aSecondMappingOfAQueueIsRejectedAsInAws() {
    String twin =
        "        Twin: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn, BatchSize: 2 } }";

    assertThat(templates.errorOf(Templates.changed("        Jobs:\n", twin + "\n        Jobs:\n")))
        .isEqualTo(
            "template.yaml:38: Resources.Worker.Properties.Events.Jobs: is a second mapping of"
                + " Jobs");
  }

  @Test
  void aFifoQueueIsNamedAsUnsupported() {
    assertError(
        "VisibilityTimeout: 30",
        "FifoQueue: true",
        "47: " + RESOURCES + "Jobs.Properties.FifoQueue: FIFO queues are not supported locally");
  }

  @Test
  void aDuplicateKeyOrAMergeKey() {
    assertError("Timeout: 20", "Handler: twice", "29: " + WORKER + "Handler: duplicate key");
    assertError("Timeout: 20", "<<: { Timeout: 20 }", "29: " + WORKER + "<<: is not supported");
  }

  @Test
  void aFileThatIsNotATemplate() throws IOException {
    assertThat(templates.errorOf("")).isEqualTo("template.yaml:1: is empty");
    assertThat(templates.errorOf("- a")).isEqualTo("template.yaml:1: must be a mapping");
    assertThat(templates.errorOf("Transform: AWS::Serverless-2016-10-31"))
        .isEqualTo("template.yaml:1: Resources: is missing; add it");
    assertThat(templates.errorOf("a: \u0007")).startsWith("template.yaml:1: invalid YAML: ");
    assertThat(templates.errorOf(Templates.changed("Timeout: 20", "Timeout: [20")))
        .startsWith("template.yaml:30: invalid YAML: ");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
    assertThatThrownBy(() -> TemplateReader.read(latin))
        .isInstanceOf(TemplateException.class)
        .hasMessage("latin.yaml:1: is not UTF-8; save it in that encoding");
    assertThatThrownBy(() -> TemplateReader.read(folder.resolve("none.yaml")))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("none.yaml:1: cannot be read; check that ");
  }

  private void assertError(String from, String to, String message) {
    assertThat(templates.errorOf(Templates.changed(from, to)))
        .startsWith("template.yaml:" + message);
  }
}
