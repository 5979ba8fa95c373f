package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Table;
import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemplateReaderTest {

  @TempDir private Path folder;
  private Templates templates;

  @BeforeEach
  void writeIntoTheFolder() {
    templates = new Templates(folder);
  }

  @Test
  void everyPartOfATemplateIsRead() {
    Deployment deployment = templates.read(Templates.COMPLETE);

    assertThat(deployment.functions())
        .containsExactly(
            new Function(
                "Worker",
                "dev.example.Worker",
                folder.resolve("target/worker.zip"),
                Duration.ofSeconds(20),
                128,
                Map.of(
                    "SHARED", new Value.Literal("global"),
                    "OWN", new Value.Literal("mine"),
                    "VALUE", new Value.Literal("text")),
                List.of(new Route("POST", "/chat", false)),
                List.of(new QueueSource("Jobs", 10, Duration.ZERO, Optional.of(2), true))));
    assertThat(deployment.queues())
        .containsExactly(
            new Queue(
                "Jobs",
                Duration.ofSeconds(30),
                Duration.ofDays(4),
                Optional.of(new Redrive("Dead", 5))),
            new Queue("Dead", Duration.ofSeconds(30), Duration.ofDays(4), Optional.empty()));
    assertThat(deployment.tables())
        .containsExactly(
            new Table(
                "Trail",
                Map.of("id", "S", "at", "N"),
                new Deployment.Key("id", Optional.empty()),
                List.of(new Index("by_time", new Deployment.Key("id", Optional.of("at")))),
                Optional.of("expires")));
    assertThat(deployment.gatewayResponses())
        .isEqualTo(
            Map.of(
                "THROTTLED",
                new GatewayResponse(
                    429, Map.of("Retry-After", "1"), "{\"id\":\"$context.requestId\"}")));
  }

  @Test
  void whatIsLeftOutHasTheCloudsDefault() {
    Deployment deployment =
        templates.read(
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Worker:
                Type: AWS::Serverless::Function
                Properties:
                  Runtime: java25
                  CodeUri: worker.zip
                  Handler: dev.example.Worker::handle
                  Events:
                    Any: { Type: Api, Properties: { Path: /, Method: any } }
                    Jobs: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
              Jobs: { Type: AWS::SQS::Queue }
            """);

    assertThat(deployment.functions())
        .containsExactly(
            new Function(
                "Worker",
                "dev.example.Worker::handle",
                folder.resolve("worker.zip"),
                Duration.ofSeconds(3),
                128,
                Map.of(),
                List.of(new Route("ANY", "/", false)),
                List.of(new QueueSource("Jobs", 10, Duration.ZERO, Optional.empty(), false))));
  }

  @Test
  void globalsYieldToAFunctionsOwn() {
    String yaml =
        Templates.changed(
            "Runtime: java25", "Runtime: java25\n    MemorySize: 1024\n    Timeout: 9");

    Function worker = templates.read(yaml).functions().getFirst();

    assertThat(worker.memorySize()).isEqualTo(1024);
    assertThat(worker.timeout()).hasSeconds(20);
  }

  @Test
  void aFunctionCallInGlobalsIsReplacedAndNotMergedInto() {
    String global = "Environment: { Variables: { SHARED: global, OWN: global } }";
    String call = "Environment: !If [IsDev, { Variables: { SHARED: called } }, !Ref AWS::NoValue]";

    assertThat(templates.readChanged(global, call).functions().getFirst().environment())
        .containsOnlyKeys("OWN", "VALUE");
  }

  @Test
  void aFunctionsOwnFunctionCallReplacesWhatGlobalsSay() {
    String own =
        """
        Handler: dev.example.Other
              CodeUri: other.zip
              Environment: !If [IsDev, { Variables: { ONLY: own } }, !Ref AWS::NoValue]
          Jobs:
            Type: AWS::SQS::Queue
        """;
    String yaml =
        Templates.COMPLETE.replace(
            "  Jobs:\n    Type: AWS::SQS::Queue\n",
            "  Other:\n    Type: AWS::Serverless::Function\n    Properties:\n      " + own);

    assertThat(templates.read(yaml).functions().getLast().environment())
        .isEqualTo(Map.of("ONLY", new Value.Literal("own")));
  }

  @Test
  void callersSignWithIamWhereTheEventOrTheApiSaysSo() {
    String event = "{ RestApiId: !Ref Api, Path: /chat, Method: post }";
    String signed =
        "{ RestApiId: !Ref Api, Path: /chat, Method: post, Auth: { Authorizer: AWS_IAM } }";
    String open = "{ RestApiId: !Ref Api, Path: /chat, Method: post, Auth: { Authorizer: NONE } }";
    String signedApi = Templates.changed("StageName: v1", "Auth: { DefaultAuthorizer: AWS_IAM }");

    assertThat(onlyRoute(Templates.changed(event, signed)).iam()).isTrue();
    assertThat(onlyRoute(signedApi).iam()).isTrue();
    assertThat(onlyRoute(signedApi.replace(event, open)).iam()).isFalse();
  }

  @Test
  void aPathMayHaveAMethodOfItsOwnBesideAny() {
    String more =
        "Events:\n"
            + "        Rest: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /chat, Method:"
            + " any } }";

    assertThat(templates.readChanged("Events:", more).functions().getFirst().routes())
        .containsExactly(new Route("ANY", "/chat", false), new Route("POST", "/chat", false));
  }

  @Test
  void aRouteMayStreamAndHaveATimeoutOfItsOwn() {
    String stream = "Method: post, ResponseTransferMode: RESPONSE_STREAM";

    assertThat(onlyRoute(Templates.changed("Method: post", stream)))
        .isEqualTo(new Route("POST", "/chat", false, true, Duration.ofSeconds(29)));
    assertThat(onlyRoute(Templates.changed("Method: post", stream + ", TimeoutInMillis: 900000")))
        .isEqualTo(new Route("POST", "/chat", false, true, Duration.ofMinutes(15)));
    assertThat(
            onlyRoute(
                Templates.changed(
                    "Method: post",
                    "Method: post, ResponseTransferMode: BUFFERED, TimeoutInMillis: 50")))
        .isEqualTo(new Route("POST", "/chat", false, false, Duration.ofMillis(50)));
  }

  @Test
  void aDisabledEventSourceReadsNothing() {
    Deployment deployment = templates.readChanged("BatchSize: 10", "Enabled: false");

    assertThat(deployment.functions().getFirst().queueSources()).isEmpty();
  }

  @Test
  void aResourceIsLeftOutUnlessItsConditionHolds() {
    String dead = "  Spare:\n    Type: AWS::SQS::Queue\n    Condition: %s\n  Dead:";

    assertThat(templates.readChanged("  Dead:", dead.formatted("IsDev")).queues()).hasSize(3);
    assertThat(templates.readChanged("  Dead:", dead.formatted("IsProd")).queues()).hasSize(2);
  }

  @Test
  void whatOneMachineDoesWithoutIsAcceptedUnread() {
    String yaml =
        Templates.COMPLETE
            + """
              Alarm:
                Type: AWS::CloudWatch::Alarm
                DependsOn: Jobs
                Metadata: { any: thing }
                Properties: { Dimensions: !GetAZs "" }
              Role:
                Type: AWS::IAM::Role
                DeletionPolicy: Delete
                UpdateReplacePolicy: Delete
            Outputs:
              Imported: { Value: !ImportValue other }
            Metadata: { any: thing }
            Description: A test.
            """;
    String policies = "Handler: dev.example.Worker\n      Policies: [{ any: !GetAZs x }]";

    assertThat(templates.read(yaml.replace("Handler: dev.example.Worker", policies)))
        .isEqualTo(templates.read(Templates.COMPLETE));
  }

  @Test
  void expiryThatIsSwitchedOffIsNone() {
    assertThat(
            templates
                .readChanged("Enabled: true", "Enabled: false")
                .tables()
                .getFirst()
                .timeToLive())
        .isEmpty();
  }

  private Route onlyRoute(String yaml) {
    return templates.read(yaml).functions().getFirst().routes().getFirst();
  }
}
