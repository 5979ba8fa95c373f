package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Templates for tests, written to a folder and read back as a user's would be. */
record Templates(Path folder) {

  /** One of everything that is understood. Tests change one text in it. */
  static final String COMPLETE =
      """
      AWSTemplateFormatVersion: "2010-09-09"
      Transform: AWS::Serverless-2016-10-31
      Parameters:
        Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
        Days: { Type: Number, Default: 7, MinValue: 1, MaxValue: 30 }
        Url: { Type: String, Default: "https://x", AllowedPattern: "^https?://.+" }
        Names: { Type: CommaDelimitedList, Default: "a, b" }
        Token: { Type: String, Default: secret, NoEcho: true, MinLength: 3, MaxLength: 8 }
      Mappings:
        Sizes: { dev: { memory: 256, list: [x, y] } }
      Conditions:
        IsProd: !Equals [!Ref Stage, prod]
        IsDev: !Not [!Condition IsProd]
      Globals:
        Function:
          Runtime: java25
          Environment: { Variables: { SHARED: global, OWN: global } }
      Resources:
        Api:
          Type: AWS::Serverless::Api
          Properties:
            StageName: v1
            GatewayResponses:
              THROTTLED:
                StatusCode: "429"
                ResponseParameters: { Headers: { Retry-After: "'1'" } }
                ResponseTemplates: { application/json: '{"id":"$context.requestId"}' }
        Worker:
          Type: AWS::Serverless::Function
          Properties:
            CodeUri: target/worker.zip
            Handler: dev.example.Worker
            Timeout: 20
            Environment:
              Variables:
                OWN: mine
                VALUE: text
            Events:
              Chat:
                Type: Api
                Properties: { RestApiId: !Ref Api, Path: /chat, Method: post }
              Jobs:
                Type: SQS
                Properties:
                  Queue: !GetAtt Jobs.Arn
                  BatchSize: 10
                  ScalingConfig: { MaximumConcurrency: 2 }
                  FunctionResponseTypes: [ReportBatchItemFailures]
        Jobs:
          Type: AWS::SQS::Queue
          Properties:
            VisibilityTimeout: 30
            RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }
        Dead:
          Type: AWS::SQS::Queue
        Trail:
          Type: AWS::DynamoDB::Table
          Properties:
            BillingMode: PAY_PER_REQUEST
            AttributeDefinitions: [{ AttributeName: id, AttributeType: S }, { AttributeName: at, AttributeType: N }]
            KeySchema: [{ AttributeName: id, KeyType: HASH }]
            GlobalSecondaryIndexes:
              - IndexName: by_time
                KeySchema: [{ AttributeName: id, KeyType: HASH }, { AttributeName: at, KeyType: RANGE }]
                Projection: { ProjectionType: ALL }
            TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
      """;

  Deployment read(String yaml) {
    return read(yaml, Map.of());
  }

  Deployment read(String yaml, Map<String, String> overrides) {
    return TemplateReader.read(write(yaml), overrides);
  }

  /** Reads the complete template with one text in it changed. */
  Deployment readChanged(String from, String to) {
    return read(changed(from, to));
  }

  /** What the worker's variable VALUE holds when the template gives it this YAML. */
  Deployment.Value valueOf(String yaml) {
    Deployment deployment = readChanged("VALUE: text", "VALUE: " + yaml);
    Map<String, Deployment.Value> environment = deployment.functions().getFirst().environment();
    return Optional.ofNullable(environment.get("VALUE")).orElseThrow();
  }

  String refusalOf(String yaml) {
    return refusalOf(yaml, Map.of());
  }

  String refusalOf(String yaml, Map<String, String> overrides) {
    TemplateException refusal =
        catchThrowableOfType(TemplateException.class, () -> read(yaml, overrides));
    assertThat(refusal).as("the refusal of this template").isNotNull();
    return String.valueOf(refusal.getMessage());
  }

  static String changed(String from, String to) {
    assertThat(COMPLETE).containsOnlyOnce(from);
    return COMPLETE.replace(from, to);
  }

  private Path write(String yaml) {
    try {
      return Files.writeString(folder.resolve("template.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
