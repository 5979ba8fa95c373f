package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Encryption, retention, logs and traces, as template.yaml says. Each rule has its reason and,
 * where a tool has the same rule, the tool's ID, as in {@link PermissionRulesTest}.
 */
class ProtectionRulesTest {

  private static final String LOG_GROUP = "AWS::Logs::LogGroup";

  @Test
  void theTableCannotBeDeletedByAccidentAndCanBeRestored() {
    JsonNode table = TemplateJson.properties("AuditTable");

    assertThat(table.path("DeletionProtectionEnabled").asText())
        .as("DynamoDB.6: one call would delete the trail")
        .isEqualTo("true");
    assertThat(table.at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled").asText())
        .as("CKV_AWS_28, DynamoDB.2: an edit can be compared with what was there before")
        .isEqualTo("true");
  }

  @Test
  void noSecretIsResolvedIntoTheTemplate() throws Exception {
    assertThat(Files.readString(Path.of("..", "template.yaml")))
        .as("CKV_AWS_45, CKV_SECRET: whoever may read a function's configuration would read it")
        .doesNotContain("{{resolve:");
    assertThat(TemplateJson.resources(TemplateJson.FUNCTION).values())
        .flatExtracting(
            function -> function.at("/Properties/Environment/Variables").propertyStream().toList())
        .hasSizeGreaterThan(50)
        .filteredOn(variable -> variable.getKey().matches(".*(API_KEY|SECRET|TOKEN|FAILOVER)"))
        .allMatch(variable -> variable.getValue().asText("-").isEmpty());
  }

  @Test
  void whatHoldsDataIsEncryptedWithTheKeyOfTheParameterIfThereIsOne() {
    var withKey =
        Stream.of(
            TemplateJson.properties("AuditTable").at("/SSESpecification/KMSMasterKeyId"),
            TemplateJson.properties("AuditQueue").path("KmsMasterKeyId"),
            TemplateJson.properties("AuditDeadLetterQueue").path("KmsMasterKeyId"),
            TemplateJson.properties("AlarmTopic").path("KmsMasterKeyId"),
            TemplateJson.globals().path("KmsKeyArn"));
    var logs = TemplateJson.resources(LOG_GROUP).values().stream();

    assertThat(Stream.concat(withKey, logs.map(it -> it.at("/Properties/KmsKeyId"))))
        .as("CKV_AWS_119, CKV_AWS_27, CKV_AWS_26, CKV_AWS_173, CKV_AWS_158")
        .hasSizeGreaterThan(9)
        .allMatch(key -> key.at("/Fn::If/0").asText().equals("HasKmsKey"))
        .allMatch(key -> key.at("/Fn::If/1/Ref").asText().equals("KmsKeyArn"));
    for (String queue : TemplateJson.resources(TemplateReader.QUEUE).keySet()) {
      assertThat(TemplateJson.properties(queue).path("SqsManagedSseEnabled").toString())
          .as("SQS.1: without a key of their own, queues are encrypted with a key of AWS")
          .isEqualTo("{\"Fn::If\":[\"HasKmsKey\",\"false\",\"true\"]}");
    }
  }

  @Test
  void whatIsNotEmptyAfterADeploymentSaysWhatADeletionDoes() {
    Stream.of(TemplateReader.TABLE, TemplateReader.QUEUE, LOG_GROUP)
        .flatMap(type -> TemplateJson.resources(type).entrySet().stream())
        .forEach(
            resource -> {
              String kept = resource.getKey().equals("AuditQueue") ? "Delete" : "Retain";
              // A first deployment that fails leaves nothing. The table is protected from deletion,
              // which would make the rollback fail.
              String deleted =
                  kept.equals("Delete") || resource.getKey().equals("AuditTable")
                      ? kept
                      : "RetainExceptOnCreate";
              assertThat(resource.getValue().path("DeletionPolicy").asText())
                  .as("I3011: DeletionPolicy of %s", resource.getKey())
                  .isEqualTo(deleted);
              assertThat(resource.getValue().path("UpdateReplacePolicy").asText())
                  .as("I3011: UpdateReplacePolicy of %s", resource.getKey())
                  .isEqualTo(kept);
            });
  }

  @Test
  void deadLettersAreKeptAsLongAsSqsCan() {
    assertThat(TemplateJson.properties("AuditDeadLetterQueue").path("MessageRetentionPeriod"))
        .as(
            "ES6000, which asks for one of every queue: 14 days, counted from when the message was"
                + " first queued")
        .hasToString("\"1209600\"");
  }

  @Test
  void everyFunctionHasALogGroupWithARetention() {
    TemplateJson.resources(TemplateJson.FUNCTION)
        .forEach(
            (name, function) -> {
              String logs = function.at("/Properties/LoggingConfig/LogGroup/Ref").asText();
              assertThat(logs).isEqualTo(name.replace("Function", "Logs"));
              assertThat(TemplateJson.properties(logs).at("/RetentionInDays/Ref").asText())
                  .as("WS1004, CKV_AWS_66: a log that Lambda creates is kept, and paid, forever")
                  .isEqualTo("LogRetentionDays");
            });
  }

  @Test
  void requestsAreTracedThroughTheApiAndTheFunctions() {
    assertThat(TemplateJson.globals().path("Tracing").asText())
        .as("CKV_AWS_50, WS1000, Lambda.7")
        .isEqualTo("Active");
    assertThat(TemplateJson.properties("Api").path("TracingEnabled").asText())
        .as("CKV_AWS_73, WS2002, APIGateway.3")
        .isEqualTo("true");
  }

  @Test
  void theAccessLogIsJsonAndSaysWhoCalledWhichRouteAndWhatFailed() throws Exception {
    JsonNode setting = TemplateJson.properties("Api").at("/AccessLogSetting/Fn::If/1");
    JsonNode format = TemplateJson.JSON.readTree(setting.path("Format").asText());
    var fields = new ArrayList<String>();
    format.forEach(field -> fields.add(field.asText()));

    assertThat(setting.at("/DestinationArn/Fn::GetAtt").asText())
        .as("CKV_AWS_76, ES2000, WS2001, APIGateway.1")
        .isEqualTo("AccessLogs.Arn");
    assertThat(fields)
        .contains(
            "$context.identity.userArn",
            "$context.identity.apiKeyId",
            "$context.responseLatency",
            "$context.integration.error",
            "$context.requestId")
        .as("a path or a caller's header is what the caller sends")
        .doesNotContain("$context.path", "$context.identity.userAgent");
  }

  @Test
  void onlyTlsFrom12OnIsAccepted() {
    assertThat(TemplateJson.properties("Api").path("SecurityPolicy").asText())
        .as("CKV_AWS_206, of custom domains: an API accepts TLS 1.0 by default")
        .matches("SecurityPolicy_TLS13_1_[23]_.*");
    assertThat(TemplateJson.properties("Api").path("EndpointAccessMode").asText())
        .as("API Gateway requires it with such a policy")
        .isEqualTo("STRICT");
  }

  @Test
  void thereIsNoSecondStageWithoutTheseLimits() {
    assertThat(TemplateJson.properties("Api").path("OpenApiVersion").asText())
        .as("without it SAM adds a stage named Stage")
        .startsWith("3.");
  }
}
