package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Quota;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.StageThrottle;
import dev.skein.local.template.Deployment.Table;
import dev.skein.local.template.Deployment.Throttle;
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
  void useTheFolder() {
    templates = new Templates(folder);
  }

  @Test
  void everySupportedPropertyIsRead() {
    Deployment deployment = templates.read(Templates.COMPLETE);

    assertThat(deployment.functions())
        .containsExactly(
            new Function(
                "Worker",
                "dev.example.Worker",
                folder.resolve("target/worker.zip"),
                Duration.ofSeconds(20),
                256,
                Map.of("VALUE", new Value.Literal("text")),
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
                Map.of("id", "HASH"),
                List.of(new Index("by_time", Map.of("id", "HASH", "at", "RANGE"), "ALL")),
                Optional.of("expires")));
    assertThat(deployment.gatewayResponses())
        .isEqualTo(
            Map.of(
                "THROTTLED",
                new GatewayResponse(
                    429, Map.of("Retry-After", "1"), "{\"id\":\"$context.requestId\"}")));
  }

  @Test
  void omittedPropertiesHaveTheCloudsDefaults() {
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
                    Any: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /, Method: any } }
                    Jobs: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
              Jobs: { Type: AWS::SQS::Queue }
              Api: { Type: AWS::Serverless::Api }
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
  void aFunctionMayHaveItsOwnRuntime() {
    String yaml = Templates.changed("Runtime: java25", "Runtime: provided.al2023");

    assertThat(templates.read(yaml).functions().getFirst().ownRuntime()).isTrue();
    assertThat(templates.read(Templates.COMPLETE).functions().getFirst().ownRuntime()).isFalse();
  }

  @Test
  void aFunctionsOwnPropertiesOverrideGlobals() {
    String yaml = Templates.changed("Timeout: 20", "MemorySize: 1024");

    assertThat(templates.read(yaml).functions().getFirst().memorySize()).isEqualTo(1024);
  }

  @Test
  void callersSignWithIamWhereTheEventSaysSo() {
    String signed = "Method: post, Auth: { Authorizer: AWS_IAM }";

    assertThat(onlyRoute(Templates.changed("Method: post", signed)).iam()).isTrue();
    assertThat(onlyRoute(Templates.COMPLETE).iam()).isFalse();
  }

  @Test
  void aRouteIsOpenWhereTheEventNeedsNoKey() {
    assertThat(onlyRoute(Templates.COMPLETE).open()).isFalse();
    assertThat(
            onlyRoute(
                    Templates.changed(
                        "Method: post", "Method: post, Auth: { ApiKeyRequired: false }"))
                .open())
        .isTrue();
    String signed = "Method: post, Auth: { ApiKeyRequired: false, Authorizer: AWS_IAM }";
    assertThat(onlyRoute(Templates.changed("Method: post", signed)).open()).isFalse();
  }

  @Test
  void theLimitsAreThoseOfTheUsagePlanAndOfTheStage() {
    String limits =
        """
        StageName: v1
              MethodSettings:
                - { ResourcePath: /*, HttpMethod: "*", ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 }
                - { ResourcePath: /~1v1~1chat, HttpMethod: POST, ThrottlingRateLimit: 2.5, ThrottlingBurstLimit: !Ref Days }
                - { ResourcePath: /*, HttpMethod: "*", LoggingLevel: INFO }
              Auth:
                ApiKeyRequired: true
                UsagePlan:
                  CreateUsagePlan: PER_API
                  Throttle: { RateLimit: !Ref Days, BurstLimit: 14 }
                  Quota: { Limit: 1000, Period: DAY }
        """
            .strip();

    assertThat(templates.readChanged("StageName: v1", limits).limits())
        .isEqualTo(
            new ApiLimits(
                Optional.of(new Throttle(7, 14)),
                Optional.of(new Quota(1000, Quota.Period.DAY)),
                List.of(
                    new StageThrottle("/v1/chat", "POST", new Throttle(2.5, 7)),
                    new StageThrottle("/*", "*", new Throttle(100, 200)))));
    assertThat(templates.read(Templates.COMPLETE).limits()).isEqualTo(ApiLimits.NONE);
    assertThat(
            templates
                .readChanged(
                    "StageName: v1",
                    limits.replace(
                        "{ Limit: 1000, Period: DAY }",
                        "!If [IsProd, { Limit: 1, Period: DAY }, !Ref AWS::NoValue]"))
                .limits()
                .quota())
        .isEmpty();
  }

  @Test
  void aPathMayHaveASpecificMethodBesideAny() {
    String more =
        "Events:\n"
            + "        Rest: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /chat, Method:"
            + " any } }";

    assertThat(templates.readChanged("Events:", more).functions().getFirst().routes())
        .containsExactly(new Route("ANY", "/chat", false), new Route("POST", "/chat", false));
  }

  @Test
  void aRouteMayStreamAndSetItsTimeout() {
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
  void ignoredPropertiesAreNotRead() {
    String yaml =
        Templates.COMPLETE
            + """
              Alarm:
                Type: AWS::CloudWatch::Alarm
                DependsOn: Jobs
                Condition: IsDev
                DeletionPolicy: Delete
                Metadata: { any: thing }
                Properties: { Dimensions: !GetAZs "" }
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
  void aFunctionRunsWhateverItsConditionSays() {
    String yaml =
        Templates.COMPLETE.replaceFirst(
            "(    Type: AWS::Serverless::Function\n)", "$1    Condition: IsDev\n");

    assertThat(yaml).isNotEqualTo(Templates.COMPLETE);
    assertThat(templates.read(yaml)).isEqualTo(templates.read(Templates.COMPLETE));
    assertThat(templates.read(yaml.replace("Condition: IsDev", "Condition: IsProd")))
        .isEqualTo(templates.read(Templates.COMPLETE));
  }

  private Route onlyRoute(String yaml) {
    return templates.read(yaml).functions().getFirst().routes().getFirst();
  }
}
