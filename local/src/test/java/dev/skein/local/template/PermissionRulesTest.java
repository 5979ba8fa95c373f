package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Who may do what, as template.yaml says. Each rule has its reason and, where a tool has the same
 * rule, the tool's ID: CKV is checkov, ES and WS are cfn-lint-serverless, F and W are cfn_nag, I is
 * cfn-lint, and the others are controls of AWS Security Hub.
 */
class PermissionRulesTest {

  private static final String ROLE = TemplateJson.ROLE;
  private static final List<String> OF_EVERY_FUNCTION =
      List.of(
          "logs:CreateLogStream",
          "logs:PutLogEvents",
          "xray:PutTraceSegments",
          "xray:PutTelemetryRecords");

  /** What each function does, beyond logs, traces and the use of the KMS key. */
  private static final Map<String, List<String>> ACTIONS =
      Map.of(
          "AuthorizerRole", List.of(),
          "DocsRole", List.of(),
          "ChatRole", List.of("secretsmanager:GetSecretValue", "sqs:SendMessage"),
          "AnalyzeRole", List.of("secretsmanager:GetSecretValue", "sqs:SendMessage"),
          "AuditConsumerRole",
              List.of(
                  "sqs:ReceiveMessage",
                  "sqs:DeleteMessage",
                  "sqs:GetQueueAttributes",
                  "dynamodb:PutItem",
                  "dynamodb:UpdateItem",
                  "dynamodb:GetItem",
                  "dynamodb:Query"),
          "AuditReaderRole", List.of("dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem"),
          "AuditEraserRole",
              List.of(
                  "dynamodb:Query",
                  "dynamodb:GetItem",
                  "dynamodb:PutItem",
                  "dynamodb:UpdateItem",
                  "dynamodb:DeleteItem"));

  @Test
  void everyFunctionHasARoleThatNoOtherHas() {
    var roles = new HashSet<String>();
    TemplateJson.resources(TemplateJson.FUNCTION)
        .forEach(
            (name, function) -> {
              String role = function.at("/Properties/Role/Fn::GetAtt").asText();
              assertThat(role)
                  .as("WS1003: a shared or generated role allows what others need")
                  .isEqualTo(name.replace("Function", "Role") + ".Arn");
              assertThat(function.at("/Properties/Policies").isMissingNode()).isTrue();
              assertThat(roles.add(role)).isTrue();
            });
  }

  @Test
  void everyRoleAllowsWhatItsFunctionDoesAndNothingElse() {
    assertThat(TemplateJson.resources(ROLE).keySet()).isEqualTo(ACTIONS.keySet());
    ACTIONS.forEach(
        (role, actions) -> {
          var expected = new TreeSet<>(actions);
          expected.addAll(OF_EVERY_FUNCTION);
          var allowed = new TreeSet<String>();
          for (JsonNode statement : TemplateJson.statements(role)) {
            TemplateJson.actions(statement).forEach(allowed::add);
          }
          allowed.removeIf(action -> action.startsWith("kms:"));
          assertThat(allowed).as(role).isEqualTo(expected);
        });
  }

  @Test
  void noStatementAllowsAnActionByWildcard() {
    for (String role : TemplateJson.resources(ROLE).keySet()) {
      for (JsonNode statement : TemplateJson.statements(role)) {
        assertThat(statement.path("Effect").asText()).as(role).isEqualTo("Allow");
        assertThat(TemplateJson.actions(statement))
            .as("CKV_AWS_108, CKV_AWS_109, CKV_AWS_110, F3: %s", role)
            .isNotEmpty()
            .allMatch(action -> action.matches("[a-z]+:[A-Za-z]+"));
      }
    }
  }

  @Test
  void everyResourceIsNamedExceptWhereTheServiceHasNone() {
    for (String role : TemplateJson.resources(ROLE).keySet()) {
      for (JsonNode statement : TemplateJson.statements(role)) {
        if (statement.path("Resource").asText().equals("*")) {
          assertThat(TemplateJson.actions(statement))
              .as("CKV_AWS_111, CKV_AWS_107, W11: only X-Ray has no ARNs for these actions")
              .containsExactly("xray:PutTraceSegments", "xray:PutTelemetryRecords");
        } else {
          assertThat(statement.path("Resource").toString())
              .as(role)
              .matches(".*(Fn::GetAtt|Fn::Sub|Ref).*")
              .doesNotContain("\"*\"");
        }
      }
    }
  }

  @Test
  void onlyLambdaMayAssumeTheRoles() {
    TemplateJson.resources(ROLE)
        .forEach(
            (name, role) ->
                assertThat(role.at("/Properties/AssumeRolePolicyDocument/Statement").toString())
                    .as("CKV_AWS_60, CKV_AWS_61: %s", name)
                    .isEqualTo(
                        "[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                            + "\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]"));
  }

  @Test
  void readersOfTheTrailMayReadItAndNotErase() {
    JsonNode statements =
        TemplateJson.properties("AuditReadPolicy").at("/PolicyDocument/Statement");

    assertThat(statements).hasSize(1);
    assertThat(TemplateJson.actions(statements.get(0))).containsExactly("execute-api:Invoke");
    assertThat(statements.get(0).path("Resource"))
        .as("IAM.21: GET only, and only the trail")
        .allMatch(
            arn -> arn.path("Fn::Sub").asText().matches(".*/api/GET/audit(/chain|/summary)?"));
  }

  @Test
  void theDocsAreDeployedOnlyIfTheParameterSaysSo() {
    assertThat(TemplateJson.parameter("ApiDocs").path("Default").asText())
        .as("they can be read by anybody")
        .isEqualTo("off");
    for (String resource : List.of("DocsFunction", "DocsRole", "DocsLogs")) {
      assertThat(TemplateJson.resource(resource).path("Condition").asText())
          .as(resource)
          .isEqualTo("HasApiDocs");
    }
  }

  @Test
  void everyQueueRejectsRequestsWithoutTls() {
    for (String queue : TemplateJson.resources(TemplateReader.QUEUE).keySet()) {
      JsonNode policy = TemplateJson.properties(queue + "Policy");
      JsonNode statements = policy.at("/PolicyDocument/Statement");

      assertThat(policy.at("/Queues/0/Ref").asText()).isEqualTo(queue);
      assertThat(statements)
          .as("SQS.3, CKV_AWS_168, F21: a queue policy only denies; the roles allow")
          .hasSize(1)
          .allMatch(statement -> statement.path("Effect").asText().equals("Deny"));
      assertThat(statements.get(0).at("/Condition/Bool/aws:SecureTransport").asText())
          .as("messages contain previews of what callers write")
          .isEqualTo("false");
      assertThat(statements.get(0).at("/Resource/Fn::GetAtt").asText()).isEqualTo(queue + ".Arn");
    }
  }

  @Test
  void everyRouteHasAnApiKeyOrIamExceptPreflightsAndTheDocs() {
    assertThat(TemplateJson.properties("Api").at("/Auth/ApiKeyRequired").asText())
        .as("CKV_AWS_59, APIGateway.8: an open route is a bill for anyone to run up")
        .isEqualTo("true");
    for (JsonNode route : TemplateJson.routes()) {
      boolean open = route.at("/Auth/ApiKeyRequired").asText().equals("false");
      boolean preflight = route.path("Method").asText().equals("options");
      boolean iam = route.at("/Auth/Authorizer").asText().equals("AWS_IAM");
      boolean docs = route.path("Path").asText().matches("/openapi\\.json|/docs(/.*)?");
      assertThat(open).as(route.path("Path").asText()).isEqualTo(preflight || iam || docs);
    }
  }
}
