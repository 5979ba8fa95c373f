package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class RefusedTemplateTest {

  private static final String WORKER = "Resources.Worker.Properties";

  private static final String TWIN = "{ RestApiId: !Ref Api, Path: /chat, Method: POST }";

  @TempDir private Path folder;
  private Templates templates;

  @BeforeEach
  void writeIntoTheFolder() {
    templates = new Templates(folder);
  }

  /** Text in the complete template, what takes its place, and how the refusal begins. */
  @ParameterizedTest
  @MethodSource({"sections", "functions", "events", "queuesAndTables", "apis", "yaml"})
  void theRefusalNamesTheLineThePathAndTheFault(String from, String to, String message) {
    assertThat(templates.refusalOf(Templates.changed(from, to)))
        .startsWith("template.yaml:" + message);
  }

  static Stream<Arguments> sections() {
    return Stream.of(
        bad("\"2010-09-09\"", "2011", "1: AWSTemplateFormatVersion: must be 2010-09-09 on"),
        bad("2016-10-31", "2020", "2: Transform: must be AWS::Serverless-2016-10-31 on this"),
        bad("Mappings:", "Mapings:", "9: Mapings: unknown in a template on this machine; check"),
        bad("Conditions:", "Rules: {}\nConditions:", "11: Rules: unknown in a template"),
        bad("  Function:", "  Api:", "15: Globals.Api: unknown in Globals on this machine"),
        bad("Runtime: java25", "Events: {}", "16: Globals.Function.Events: unknown in Globals."),
        bad("[dev, prod]", "[prod]", "4: Parameters.Stage: \"dev\" is not one of prod; give"),
        bad("Default: 7", "Default: 0", "5: Parameters.Days: \"0\" is below the MinValue of 1"),
        bad("Default: 7", "Default: 31", "5: Parameters.Days: \"31\" is above the MaxValue of 30"),
        bad("Default: 7", "Default: x", "5: Parameters.Days: \"x\" is not a number; give another"),
        bad("Default: 7, ", "", "5: Parameters.Days: has no Default and no value; give it one"),
        bad("MinValue: 1", "MinValue: x", "5: Parameters.Days.MinValue: must be a number"),
        bad("https://x", "ftp://x", "6: Parameters.Url: \"ftp://x\" does not match ^https?://.+"),
        bad("?://.+", "://(", "6: Parameters.Url.AllowedPattern: is no regular expression: "),
        bad(
            "Default: secret",
            "Default: ab",
            "8: Parameters.Token: the value is below the MinLength of 3; give"),
        bad("secret", "secrets12", "8: Parameters.Token: the value is above the MaxLength of 8"),
        bad(
            "CommaDelimitedList",
            "AWS::SSM::Parameter::Name",
            "7: Parameters.Names.Type: must be String or Number or CommaDelimitedList or"),
        bad("AllowedValues", "Allowed", "4: Parameters.Stage.Allowed: unknown in a parameter"),
        bad("[!Ref Stage, prod]", "[a]", "12: Conditions.IsProd: needs a list of 2 operands"),
        bad(
            "!Condition IsProd",
            "!Condition Absent",
            "13: Conditions.IsDev[0]: there is no condition"),
        bad("!Condition IsProd", "!Condition IsDev", "13: Conditions.IsDev: depends on itself"),
        bad("!Not [", "!Or [", "13: Conditions.IsDev: needs a list of 2 to 10 operands"),
        bad("!Not [", "!Sub [", "13: Conditions.IsDev: is no condition; use Fn::Equals, Fn::Not"),
        bad("!Ref Stage, p", "!Ref Jobs, p", "12: Conditions.IsProd[0]: needs plain text, and no"));
  }

  static Stream<Arguments> functions() {
    String properties = "    Properties:\n      CodeUri";
    return Stream.of(
        bad("::Function\n", "::StateMachine\n", "29: Resources.Worker.Type: AWS::Serverless::St"),
        bad(properties, "    Foo: x\n" + properties, "30: Resources.Worker.Foo: unknown in a res"),
        bad(
            properties,
            "    Condition: Absent\n" + properties,
            "28: Resources.Worker: there is no c"),
        bad(
            "CodeUri: t",
            "Layers: []\n      CodeUri: t",
            "31: " + WORKER + ".Layers: unknown in A"),
        bad("CodeUri: target/worker.zip", "Tags: {}", "30: " + WORKER + ".CodeUri: is missing; ad"),
        bad("worker.zip", "classes", "31: " + WORKER + ".CodeUri: must be the path of a .zip file"),
        bad("target/", "s3://b/", "31: " + WORKER + ".CodeUri: must be the path of a .zip file, n"),
        bad("Handler: dev", "Tags: dev", "30: " + WORKER + ".Handler: is missing; add it"),
        bad("dev.example.Worker", "a/b.py", "32: " + WORKER + ".Handler: must be package.Class or"),
        bad(
            "java25",
            "java21",
            "16: Globals.Function.Runtime: must be java25 on this machine, not"),
        bad("Runtime: java25", "Tags: {}", "30: " + WORKER + ".Runtime: is missing; add it"),
        bad("Timeout: 20", "Timeout: 901", "33: " + WORKER + ".Timeout: must be a whole number, 1"),
        bad(
            "Timeout: 20",
            "Timeout: 0",
            "33: " + WORKER + ".Timeout: must be a whole number, 1 to"),
        bad("Timeout: 20", "Timeout: 2.5", "33: " + WORKER + ".Timeout: must be a whole number, 1"),
        bad("Timeout: 20", "Timeout: [1]", "33: " + WORKER + ".Timeout: must be text, not a list"),
        bad("Timeout: 20", "MemorySize: 64", "33: " + WORKER + ".MemorySize: must be a whole numb"),
        bad(
            "        OWN: m",
            "        A-B: m",
            "36: " + variable("A-B") + "a variable is a letter"),
        bad(
            "        OWN: m",
            "        AWS_REGION: m",
            "36: " + variable("AWS_REGION") + "Lambda i"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[a] | must be text, not a list or a mapping",
        "{ a: b } | must be text, not a list or a mapping",
        "!Ref Nothing | there is no parameter or resource Nothing; check the spelling, or declare"
            + " it",
        "!Ref AWS::StackId | AWS::StackId has no value on this machine; remove it",
        "!Ref Worker | must be !Ref of a queue (its URL) or of a table (its name)",
        "!GetAtt Jobs.Arn | must be !Ref of a queue (its URL) or of a table (its name)",
        "!GetAtt Jobs | Fn::GetAtt needs Resource.Attribute and found Jobs",
        "!GetAtt Nothing.Arn | there is no parameter or resource Nothing; check the spelling, or"
            + " declare it",
        "!Sub 'x-${Jobs}' | Jobs has no address before it runs, and cannot be part of a longer"
            + " text; pass it alone",
        "!Join ['/', [!Ref Trail, x]] | Trail has no address before it runs, and cannot be part of"
            + " a longer text; pass it alone",
        "!Sub '${Stage' | ${Stage is not closed; add the } to the text of Fn::Sub",
        "!Sub '${Nothing}' | there is no parameter or resource Nothing; check the spelling, or"
            + " declare it",
        "!Sub '${Names}' | joins text, not a list or a mapping",
        "!Sub [a] | needs text, or [text, {name: value}]",
        "!Join [a] | needs [delimiter, [values]]",
        "!Join [a, !Ref Stage] | must be a list",
        "!If [Absent, a, b] | there is no condition Absent; add it under Conditions",
        "!If [IsDev, a] | needs [condition, then, else]",
        "!Select [2, [a, b]] | Fn::Select has no item 2 in a list of 2; count from 0",
        "!Select [-1, [a, b]] | Fn::Select has no item -1 in a list of 2; count from 0",
        "!FindInMap [Sizes, prod, memory] | there is no Mappings.Sizes.prod; add it, or mend the"
            + " key",
        "!FindInMap [Absent, prod, memory] | there is no Mappings.Absent; add it, or mend the key",
        "!ImportValue x | Fn::ImportValue is not resolved on this machine; use Ref, Fn::GetAtt,"
            + " Fn::Sub, Fn::Join, Fn::If, Fn::Select or Fn::FindInMap",
        "{ 'Fn::Transform': x } | Fn::Transform is not resolved on this machine; use Ref,"
            + " Fn::GetAtt, Fn::Sub, Fn::Join, Fn::If, Fn::Select or Fn::FindInMap",
        "{ Ref: Stage, b: c } | Ref must stand alone; move the other keys elsewhere",
        "!Foo x | CloudFormation has no tag !Foo; check its spelling or remove it",
        "!!binary x | CloudFormation has no tag tag:yaml.org,2002:binary; check its spelling or"
            + " remove it",
        "'{{resolve:ssm:x}}' | must be {{resolve:secretsmanager:NAME}} and nothing else",
        "'Bearer {{resolve:secretsmanager:x}}' | must be {{resolve:secretsmanager:NAME}} and"
            + " nothing else",
        "~ | has no value; CloudFormation allows no null: give one, or remove the key",
        "yes | yes is read differently by YAML 1.1 and 1.2; quote it, or write true or false",
        "010 | 010 is read differently by YAML 1.1 and 1.2; quote it, or write true or false",
      })
  void aValueThatCannotBeResolvedIsRefusedWithItsLine(String yaml, String fault) {
    String refusal = templates.refusalOf(Templates.changed("VALUE: text", "VALUE: " + yaml));

    assertThat(refusal).startsWith("template.yaml:37: " + WORKER + ".Environment.Variables.VALUE");
    assertThat(refusal).endsWith(": " + fault);
  }

  static Stream<Arguments> events() {
    String chat = WORKER + ".Events.Chat";
    String jobs = WORKER + ".Events.Jobs.Properties";
    String batch = "BatchSize: 10";
    return Stream.of(
        bad("Type: Api\n", "Type: Schedule\n", "40: " + chat + ".Type: must be Api or SQS on this"),
        bad("Path: /chat", "Path: chat", "41: " + chat + ".Properties.Path: must start with / and"),
        bad("Path: /chat", "Path: '/{id}'", "41: " + chat + ".Properties.Path: must start with /"),
        bad("Path: /chat, ", "", "41: " + chat + ".Properties.Path: is missing; add it"),
        bad("Method: post", "Method: push", "41: " + chat + ".Properties.Method: must be a method"),
        bad(
            "Method: post",
            "Method: post, ResponseTransferMode: CHUNKED",
            "41: "
                + chat
                + ".Properties.ResponseTransferMode: must be BUFFERED or RESPONSE_STREAM"),
        bad(
            "Method: post",
            "Method: post, TimeoutInMillis: 29001",
            "41: "
                + chat
                + ".Properties.TimeoutInMillis: must be a whole number, 50 to 29000, not"),
        bad(
            "Method: post",
            "Method: post, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900001",
            "41: "
                + chat
                + ".Properties.TimeoutInMillis: must be a whole number, 50 to 900000, not"),
        bad(
            "Method: post",
            "Method: post, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 49",
            "41: "
                + chat
                + ".Properties.TimeoutInMillis: must be a whole number, 50 to 900000, not"),
        bad("Method: post", "RequestModel: x", "41: " + chat + ".Properties.RequestModel: unknown"),
        bad(
            "Ref Api",
            "Ref Jobs",
            "41: " + chat + ".Properties.RestApiId: must be !Ref Name of an"),
        bad(
            "RestApiId: !Ref Api, ",
            "",
            "41: " + chat + ".Properties.RestApiId: is missing, and m"),
        bad(
            "        Chat:",
            "        Twin: { Type: Api, Properties: " + TWIN + " }\n        Chat:",
            "40: " + chat + ": POST /chat is the route of " + WORKER + ".Events.Twin (line 39)"),
        bad(
            "t Jobs.Arn",
            "t Trail.Arn",
            "45: " + jobs + ".Queue: must be !GetAtt Name.Arn of an A"),
        bad("!GetAtt Jobs.Arn", "!Ref Jobs", "45: " + jobs + ".Queue: must be !GetAtt Name.Arn of"),
        bad(
            "!GetAtt Jobs.Arn",
            "arn:x",
            "45: " + jobs + ".Queue: must be !GetAtt Name.Arn of an A"),
        bad(
            "imeout: 30",
            "imeout: 19",
            "45: " + jobs + ".Queue: the VisibilityTimeout of Jobs, 19"),
        bad(
            batch,
            "BatchSize: 0",
            "46: " + jobs + ".BatchSize: must be a whole number, 1 to 10000"),
        bad(
            batch,
            "BatchSize: 10001",
            "46: " + jobs + ".BatchSize: must be a whole number, 1 to 1"),
        bad(
            batch,
            "BatchSize: 11",
            "46: " + jobs + ".BatchSize: above 10, needs a MaximumBatching"),
        bad(
            batch,
            "MaximumBatchingWindowInSeconds: 301",
            "46: "
                + jobs
                + ".MaximumBatchingWindowInSeconds: must be a whole number, 0 to 300, no"),
        bad(
            batch,
            "FilterCriteria: {}",
            "46: " + jobs + ".FilterCriteria: unknown in an SQS event"),
        bad(
            "ency: 2",
            "ency: 1",
            "47: " + jobs + ".ScalingConfig.MaximumConcurrency: must be a wh"),
        bad(
            "ency: 2",
            "ency: 1001",
            "47: " + jobs + ".ScalingConfig.MaximumConcurrency: must be a whole number, 2 to 1000"),
        bad(
            "[Report",
            "[No",
            "48: " + jobs + ".FunctionResponseTypes[0]: must be ReportBatchItemF"));
  }

  static Stream<Arguments> queuesAndTables() {
    String jobs = "Resources.Jobs.Properties";
    String trail = "Resources.Trail.Properties";
    String index = trail + ".GlobalSecondaryIndexes[0]";
    return Stream.of(
        bad(
            "imeout: 30",
            "imeout: 43201",
            "52: " + jobs + ".VisibilityTimeout: must be a whole nu"),
        bad(
            "imeout: 30",
            "imeout: !Ref Url",
            "52: " + jobs + ".VisibilityTimeout: must be a whole"),
        bad(
            "VisibilityTimeout",
            "QueueName",
            "52: " + jobs + ".QueueName: unknown in AWS::SQS::Qu"),
        bad("Dead.Arn", "Trail.Arn", "53: " + jobs + ".RedrivePolicy.deadLetterTargetArn: must be"),
        bad(
            "Dead.Arn",
            "No.Arn",
            "53: " + jobs + ".RedrivePolicy.deadLetterTargetArn: there is no"),
        bad(
            "veCount: 5",
            "veCount: 0",
            "53: " + jobs + ".RedrivePolicy.maxReceiveCount: must be a"),
        bad(
            "  Dead:\n",
            "  Dead:\n    Condition: IsProd\n",
            "53: " + jobs + ".RedrivePolicy.deadLetterTargetArn: Dead is not created, because its"),
        bad(
            "PAY_PER_REQUEST",
            "PROVISIONED",
            "59: " + trail + ".BillingMode: must be PAY_PER_REQU"),
        bad(
            "ype: N }",
            "ype: X }",
            "60: " + trail + ".AttributeDefinitions[1].AttributeType: must be"),
        bad(
            "Name: at, AttributeT",
            "Name: id, AttributeT",
            "60: " + trail + ".AttributeDefinition"),
        bad(
            "ionType: ALL",
            "ionType: KEYS_ONLY",
            "65: " + index + ".Projection.ProjectionType: mu"),
        bad(
            "KeyType: RANGE",
            "KeyType: HASH",
            "64: " + index + ".KeySchema: must be a HASH key, a"),
        bad("Name: at, KeyT", "Name: no, KeyT", "64: " + index + ".KeySchema[1].AttributeName: no"),
        bad(
            ", { AttributeName: at, KeyType: RANGE }",
            "",
            "60: " + trail + ".AttributeDefinitions"),
        bad(
            "Enabled: true",
            "Enabled: maybe",
            "66: " + trail + ".TimeToLiveSpecification.Enabled:"),
        bad(
            "    TimeToLive",
            "    Stream",
            "66: " + trail + ".StreamSpecification: unknown in AWS"));
  }

  static Stream<Arguments> apis() {
    String api = "Resources.Api.Properties";
    String throttled = api + ".GatewayResponses.THROTTLED";
    return Stream.of(
        bad("StageName: v1", "Cors: x", "22: " + api + ".Cors: unknown in AWS::Serverless::Api on"),
        bad("THROTTLED", "TROTTLED", "24: " + api + ".GatewayResponses.TROTTLED: unknown in Gatew"),
        bad("\"429\"", "\"42\"", "25: " + throttled + ".StatusCode: must be a whole number, 100 t"),
        bad("\"'1'\"", "\"1\"", "26: " + throttled + ".ResponseParameters.Headers.Retry-After: mu"),
        bad(
            ".requestId",
            ".error.message",
            "27: " + throttled + ".ResponseTemplates.application/j"),
        bad("$context.requestId", "$input.body", "27: " + throttled + ".ResponseTemplates.applica"),
        bad("application/json", "text/plain", "27: " + throttled + ".ResponseTemplates.text/plain"),
        bad(
            "  Worker:\n",
            "  More:\n    Type: AWS::Serverless::Api\n  Worker:\n",
            "28: Resources.More: is a second API beside Api; this machine runs one"));
  }

  static Stream<Arguments> yaml() {
    return Stream.of(
        bad("Timeout: 20", "Timeout: [20", "34: is not YAML: "),
        bad("Timeout: 20", "Timeout: &t 20\n      MemorySize: *t", "34: " + WORKER + ".MemorySize"),
        bad("Timeout: 20", "<<: { Timeout: 20 }", "33: " + WORKER + ".<<: CloudFormation knows no"),
        bad("Timeout: 20", "Handler: twice", "33: " + WORKER + ".Handler: this key stands here tw"),
        bad("Timeout: 20", "Timeout:", "33: " + WORKER + ".Timeout: has no value; CloudFormation"),
        bad("Timeout: 20", "Tags: &a [*a]", "33: " + WORKER + ".Tags[0]: CloudFormation knows no"));
  }

  @Test
  void twoIndexesOfOneNameAreRefused() {
    String index =
        "    - { IndexName: by_time, Projection: { ProjectionType: ALL },"
            + " KeySchema: [{ AttributeName: id, KeyType: HASH }] }";
    String twice = "    GlobalSecondaryIndexes:\n    " + index;

    assertThat(templates.refusalOf(Templates.changed("    GlobalSecondaryIndexes:", twice)))
        .isEqualTo(
            "template.yaml:62: Resources.Trail.Properties.GlobalSecondaryIndexes:"
                + " two have one name; rename one");
  }

  @Test
  void theRefusedValueOfASecretParameterIsNotShown() {
    String refusal = templates.refusalOf(Templates.COMPLETE, Map.of("Token", "canary-secret"));

    assertThat(refusal)
        .isEqualTo(
            "template.yaml:8: Parameters.Token: the value is above the MaxLength of 8;"
                + " give another value");
  }

  @Test
  void anOverrideIsCheckedAndMustNameAParameter() {
    assertThat(templates.refusalOf(Templates.COMPLETE, Map.of("Stage", "test")))
        .startsWith("template.yaml:4: Parameters.Stage: \"test\" is not one of dev, prod");
    assertThat(templates.refusalOf(Templates.COMPLETE, Map.of("Stag", "dev")))
        .isEqualTo(
            "template.yaml:3: Parameters: there is no parameter Stag to override;"
                + " check its spelling");
  }

  @Test
  void whatIsNoTemplateAtAllIsRefused() throws IOException {
    assertThat(templates.refusalOf("")).startsWith("template.yaml:1: is empty");
    assertThat(templates.refusalOf("- a")).startsWith("template.yaml:1: must hold the sections");
    assertThat(templates.refusalOf("Transform: AWS::Serverless-2016-10-31"))
        .isEqualTo("template.yaml:1: Resources: is missing; add it");
    assertThat(templates.refusalOf("a: \u0007")).startsWith("template.yaml:1: is not YAML: ");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
    assertThatThrownBy(() -> TemplateReader.read(latin, Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessage("latin.yaml:1: is not UTF-8; save it in that encoding");
    assertThatThrownBy(() -> TemplateReader.read(folder.resolve("none.yaml"), Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("none.yaml:1: cannot be read; check that ");
  }

  private static Arguments bad(String from, String to, String message) {
    return Arguments.of(from, to, message);
  }

  private static String variable(String name) {
    return WORKER + ".Environment.Variables." + name + ": ";
  }
}
