package dev.skein.local;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.local.AwsTraffic.Call;
import dev.skein.local.RunningStack.FunctionLine;
import dev.skein.local.template.RolePermissions;
import dev.skein.local.template.RolePermissions.Permission;
import dev.skein.local.template.SkeinAlarms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the whole service calls, logs and counts in {@link RecordedRun}, and what it never writes.
 */
@Timeout(240)
final class RecordedRunTest {
  private static final String[] CANARIES = {
    RecordedRun.CALLER_KEY,
    RecordedRun.PROVIDER_KEY,
    RecordedRun.COOKIE,
    RecordedRun.AUTHORIZATION,
    RecordedRun.PROSE,
    RecordedRun.MESSAGE,
    RecordedRun.REPLY,
    RecordedRun.ADDRESS
  };

  /** Those that no response may have, not even a successful one. */
  private static final String[] SECRETS = {
    RecordedRun.CALLER_KEY,
    RecordedRun.PROVIDER_KEY,
    RecordedRun.COOKIE,
    RecordedRun.AUTHORIZATION,
    RecordedRun.PROSE
  };

  /** Permissions that no request of the run needs, by the beginning of their action. */
  private static final Map<String, String> NEEDED_BY_OTHERS =
      Map.of(
          "logs:", "Lambda writes the functions' output with their roles",
          "xray:", "Lambda writes the traces with their roles",
          "kms:", "only with KmsKeyArn; the services use the key for the caller",
          "sqs:ReceiveMessage", "the event source mapping receives with the consumer's role",
          "sqs:DeleteMessage", "the event source mapping deletes with the consumer's role",
          "sqs:GetQueueAttributes", "the event source mapping reads the queue's settings");

  /** Events that belong to an environment or a batch, not to one request. */
  private static final Set<String> OF_NO_REQUEST =
      Set.of(
          "audit_batch",
          "http_client_built",
          "model_price_unknown",
          "model_retires_soon",
          "preconnected",
          "provider_key_fetched",
          "provider_key_unavailable",
          "shutdown");

  /** What a line may contain of a caller or a model: a record, and the filters of a read. */
  private static final List<String> TEXTS_OF_A_RECORD =
      List.of("message_preview", "response_preview", "user_id");

  private static RecordedRun run;

  @BeforeAll
  static void run(@TempDir Path folder) throws Exception {
    run = RecordedRun.of(folder);
  }

  @Test
  void everyCallIsAllowedByTheRoleOfItsFunction() {
    List<Permission> permissions = RolePermissions.all();

    assertThat(run.traffic().calls()).extracting(Call::action).contains("sqs:SendMessage");
    assertThat(run.traffic().calls())
        .allSatisfy(call -> assertThat(permissions).anyMatch(it -> allows(it, call)));
  }

  @Test
  void everyPermissionIsUsedOrNeededByAwsItself() {
    Set<Call> calls = run.traffic().calls();

    assertThat(RolePermissions.all())
        .filteredOn(it -> calls.stream().noneMatch(call -> allows(it, call)))
        .as("permissions that nothing has used; there were %s", run.traffic().counts())
        .allMatch(
            it ->
                NEEDED_BY_OTHERS.keySet().stream()
                    .anyMatch(start -> it.action().startsWith(start)));
  }

  private static boolean allows(Permission permission, Call call) {
    return permission.allows(call.function().replace("NONE", ""), call.action(), call.resource());
  }

  @Test
  void everyMetricOfAnAlarmIsWrittenAsTheAlarmNamesIt() {
    var written = new ArrayList<JsonNode>();
    run.lines().stream()
        .map(RecordedRunTest::json)
        .filter(it -> it.has("_aws"))
        .forEach(written::add);

    assertThat(SkeinAlarms.all()).hasSizeGreaterThan(3);
    assertThat(SkeinAlarms.all())
        .allSatisfy(alarm -> assertThat(written).anyMatch(line -> alarm.counts(line, "local")));
  }

  @Test
  void everyMetricHasTheStackAndTheFunctionThatWroteIt() {
    assertThat(run.lines().stream().filter(line -> json(line).has("_aws")))
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(json(line).path("function").asText()).isEqualTo(line.function());
              assertThat(json(line).path("stack").asText()).isEqualTo("local");
            });
  }

  @Test
  void everyLineOfARequestHasTheCallersTraceAndItsId() {
    Map<String, String> traces =
        run.exchanges().stream()
            .filter(it -> !it.requestId().isEmpty())
            .collect(toMap(RecordedRun.Exchange::requestId, RecordedRun.Exchange::trace));
    var ofNoRequest = new TreeSet<String>();
    var unknown = new TreeSet<String>();
    var counts = new TreeMap<String, Integer>();
    for (FunctionLine line : run.lines()) {
      JsonNode json = json(line);
      String event = json.path("event").asText();
      if (!json.has("request_id")) {
        if (event.equals("audit_message_failed")) {
          unknown.add(json.path("message_id").asText());
        } else {
          ofNoRequest.add(event);
        }
        continue;
      }
      assertThat(json.path("trace_id").asText())
          .as(line.toString())
          .matches("[0-9a-f]{32}|1-[0-9a-f]{8}-[0-9a-f]{24}");
      String trace = traces.get(json.path("request_id").asText());
      if (trace != null) {
        assertThat(json.path("trace_id").asText()).as(line.toString()).isEqualTo(trace);
        counts.merge(line.function() + " " + event, 1, Integer::sum);
      }
    }

    assertThat(OF_NO_REQUEST).containsAll(ofNoRequest);
    assertThat(unknown).as("messages that are no record").hasSize(1);
    assertThat(counts.keySet())
        .contains(
            "ChatFunction request",
            "ChatFunction model_calls",
            "ChatFunction gen_ai_metrics",
            "ChatFunction model_attempt_failed",
            "ChatFunction model_call_failed",
            "ChatFunction model_call_skipped",
            "ChatFunction model_credentials_refused",
            "ChatFunction audit_alternate",
            "AnalyzeFunction request",
            "AnalyzeFunction gen_ai_metrics",
            "AnalyzeFunction audit_alternate",
            "AuditConsumerFunction audit_message_failed",
            "AuditReaderFunction audit_read",
            "AuditReaderFunction request",
            "AuditEraserFunction audit_batch",
            "AuditEraserFunction audit_alternate",
            "AuditEraserFunction request");
  }

  /** A line of the runtime, which does not read requests, has the trace that Lambda names. */
  @Test
  void aLineOfTheRuntimeHasTheTraceToo() {
    assertThat(run.lines().stream().map(RecordedRunTest::json))
        .filteredOn(line -> line.path("event").asText().equals("response_broken"))
        .isNotEmpty()
        .allMatch(line -> line.path("trace_id").asText().startsWith("1-"));
  }

  @Test
  void noLineOfAFunctionHasACanaryExceptInTheTextsOfALoggedRecord() {
    assertThat(run.lines()).hasSizeGreaterThan(200);
    assertThat(run.lines())
        .allSatisfy(
            line -> assertThat(withoutTexts(json(line)).toString()).doesNotContain(CANARIES));
  }

  @Test
  void aLoggedRecordHasNoMoreTextThanItsContentAllows() {
    List<FunctionLine> records =
        run.lines().stream().filter(line -> json(line).has("record")).toList();

    assertThat(records).hasSizeGreaterThan(8);
    assertThat(records).extracting(FunctionLine::function).contains("ChatFunctionNONE");
    for (FunctionLine line : records) {
      JsonNode record = json(line).path("record");
      for (String preview : List.of("message_preview", "response_preview")) {
        assertThat(record.path(preview).asText()).hasSizeLessThanOrEqualTo(100);
      }
      if (line.function().equals("ChatFunctionNONE")) {
        assertThat(line.text()).doesNotContain(CANARIES);
        assertThat(record.has("content")).isFalse();
      }
    }
  }

  @Test
  void noErrorHasACanaryAndNoResponseASecret() {
    assertThat(run.exchanges())
        .allSatisfy(it -> assertThat(it.answer()).as(it.name()).doesNotContain(SECRETS));
    assertThat(run.exchanges().stream().filter(it -> it.status() >= 400))
        .hasSizeGreaterThan(50)
        .allSatisfy(it -> assertThat(it.answer()).as(it.name()).doesNotContain(CANARIES));
  }

  /** Their bodies are the record, which has the previews; a message has no attributes. */
  @Test
  void noRequestToAwsHasACanaryBesideTheRecord() {
    assertThat(run.traffic().ofFunctions())
        .hasSizeGreaterThan(100)
        .allSatisfy(it -> assertThat(it.envelope()).doesNotContain(CANARIES))
        .noneMatch(it -> it.request().body().contains("MessageAttributes"));
    assertThat(run.traffic().ofFunctions())
        .allSatisfy(it -> assertThat(it.request().body()).doesNotContain(SECRETS));
  }

  @Test
  void theConsoleShowsNoCanary() {
    assertThat(run.console().lines())
        .filteredOn(line -> !line.contains("audit_alternate") && !line.contains("audit_read"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).doesNotContain(CANARIES));
    assertThat(run.console()).doesNotContain(SECRETS);
  }

  /** The line without what it may contain of a caller or a model. */
  private static JsonNode withoutTexts(JsonNode line) {
    ObjectNode rest = line.deepCopy();
    switch (line.path("event").asText()) {
      case "audit_alternate" -> ((ObjectNode) rest.path("record")).remove(TEXTS_OF_A_RECORD);
      case "audit_read" -> rest.remove("parameters");
      default -> {}
    }
    return rest;
  }

  private static JsonNode json(FunctionLine line) {
    return RunningStack.json(line.text());
  }
}
