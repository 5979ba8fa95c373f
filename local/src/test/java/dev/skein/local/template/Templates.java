package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes templates for tests to a folder and reads them. */
record Templates(Path folder) {

  /** Everything that is supported. Tests replace one piece of text in it. */
  static final String COMPLETE =
      """
      AWSTemplateFormatVersion: "2010-09-09"
      Transform: AWS::Serverless-2016-10-31
      Parameters:
        Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
        Days: { Type: Number, Default: 7, MinValue: 1, MaxValue: 30 }
        Url: { Type: String, Default: "https://x", AllowedPattern: "^https?://.+" }
      Conditions:
        IsProd: !Equals [!Ref Stage, prod]
        IsDev: !Not [!Equals [!Ref Stage, prod]]
      Globals:
        Function:
          Runtime: java25
          MemorySize: 256
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
    try {
      return TemplateReader.read(Files.writeString(folder.resolve("template.yaml"), yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the complete template with one piece of text replaced. */
  Deployment readChanged(String from, String to) {
    return read(changed(from, to));
  }

  /** The worker's variable VALUE when the template sets it to this YAML. */
  Deployment.Value valueOf(String yaml) {
    Deployment deployment = readChanged("VALUE: text", "VALUE: " + yaml);
    return Optional.ofNullable(deployment.functions().getFirst().environment().get("VALUE"))
        .orElseThrow();
  }

  /** The message with which this template is rejected. */
  String errorOf(String yaml) {
    TemplateException error = catchThrowableOfType(TemplateException.class, () -> read(yaml));
    assertThat(error).isNotNull();
    return String.valueOf(error.getMessage());
  }

  static String changed(String from, String to) {
    assertThat(COMPLETE).containsOnlyOnce(from);
    return COMPLETE.replace(from, to);
  }
}
