package dev.skein.local.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionVariablesTest {
  private static final Map<String, Value> DECLARED =
      Map.of(
          "AUDIT_QUEUE_URL", new Value.Reference("AuditQueue"),
          "OPENAI_API_KEY", new Value.Literal(""),
          "OPENAI_MODEL", new Value.Literal("m-1"),
          "AWS_ENDPOINT_URL_SQS", new Value.Literal("https://sqs.us-east-1.amazonaws.com"));
  private static final Map<String, String> ADDRESSES =
      Map.of("AuditQueue", "http://127.0.0.1:9324/000000000000/AuditQueue");
  private static final Map<String, String> PARTS =
      Map.of(
          "AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324",
          "AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000");

  @Test
  void valuesComeFromTheTemplateAndReferencesBecomeAddresses() {
    assertThat(variables(Map.of()))
        .containsEntry("AUDIT_QUEUE_URL", "http://127.0.0.1:9324/000000000000/AuditQueue")
        .containsEntry("OPENAI_API_KEY", "")
        .containsEntry("OPENAI_MODEL", "m-1");
  }

  @Test
  void theShellOverridesOnlyWhatTheTemplateDeclares() {
    assertThat(variables(Map.of("OPENAI_MODEL", "llama", "OTHER", "x")))
        .containsEntry("OPENAI_MODEL", "llama")
        .doesNotContainKey("OTHER");
  }

  @Test
  void localEndpointsOverrideThoseOfTheTemplate() {
    assertThat(variables(Map.of())).containsAllEntriesOf(PARTS);
  }

  @Test
  void eachFunctionHasItsOwnAccessKey() {
    assertThat(variables(Map.of())).containsEntry("AWS_ACCESS_KEY_ID", "ChatFunction");
  }

  private static Map<String, String> variables(Map<String, String> shell) {
    var function =
        new Deployment.Function(
            "ChatFunction",
            "Handler",
            Path.of("chat.zip"),
            Duration.ofSeconds(3),
            128,
            DECLARED,
            List.of(),
            List.of());
    return FunctionVariables.of(function, shell, ADDRESSES, PARTS);
  }
}
