package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Log;
import dev.skein.local.house.Pages;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The alarms and the dashboard of template.yaml watch metrics that are written, and each alarm has
 * a section in docs/operations.md.
 */
class AlarmRulesTest {

  private static final String ALARM = "AWS::CloudWatch::Alarm";

  /** What AWS writes, as its documentation says: the metric, and the dimensions it has. */
  private static final Map<String, Set<String>> OF_AWS =
      Map.ofEntries(
          Map.entry("AWS/ApiGateway Count", Set.of("ApiName", "Stage")),
          Map.entry("AWS/ApiGateway 4XXError", Set.of("ApiName", "Stage")),
          Map.entry("AWS/ApiGateway 5XXError", Set.of("ApiName", "Stage")),
          Map.entry("AWS/ApiGateway Latency", Set.of("ApiName", "Stage")),
          Map.entry("AWS/DynamoDB ConsumedReadCapacityUnits", Set.of("TableName")),
          Map.entry("AWS/DynamoDB ConsumedWriteCapacityUnits", Set.of("TableName")),
          Map.entry("AWS/Lambda ConcurrentExecutions", Set.of("FunctionName")),
          Map.entry("AWS/Lambda Duration", Set.of("FunctionName")),
          Map.entry("AWS/Lambda Errors", Set.of("FunctionName")),
          Map.entry("AWS/Lambda Throttles", Set.of("FunctionName")),
          Map.entry("AWS/SQS ApproximateAgeOfOldestMessage", Set.of("QueueName")),
          Map.entry("AWS/SQS ApproximateNumberOfMessagesVisible", Set.of("QueueName")));

  /** One metric, as an alarm or a widget names it. */
  private record Watched(String user, String namespace, String name, Set<String> dimensions) {}

  @Test
  void everyMetricThatIsWatchedIsOneThatAwsOrTheCodeWrites() throws Exception {
    Set<Set<String>> dimensions = dimensionsOfTheLog();
    Set<String> ofTheCode = metricsOfTheCode();
    var watched = Stream.concat(alarms().stream(), dashboard().stream()).toList();

    assertThat(watched).hasSizeGreaterThan(40);
    assertThat(watched)
        .allSatisfy(
            metric -> {
              if (metric.namespace().equals("Skein")) {
                assertThat(ofTheCode).contains(metric.name());
                assertThat(dimensions).contains(metric.dimensions());
              } else {
                assertThat(OF_AWS)
                    .containsEntry(metric.namespace() + " " + metric.name(), metric.dimensions());
              }
            });
  }

  @Test
  void everySearchIsForMetricsOfModelCalls() throws Exception {
    String body = dashboardBody();
    String names =
        Pages.read("shared/exchange/src/main/java/dev/skein/exchange/GenAiMetrics.java")
            + Pages.read(
                "shared/exchange/src/main/java/dev/skein/exchange/SemanticConventions.java");
    var searched = new ArrayList<String>();
    for (JsonNode widget : TemplateJson.JSON.readTree(body).path("widgets")) {
      for (JsonNode metric : widget.at("/properties/metrics")) {
        String search = metric.path(0).path("expression").asText();
        searched.addAll(Pages.groups("MetricName=\"([^\"]+)\"", search));
        assertThat(search.isEmpty() || search.contains("stack=\"${AWS::StackName}\"")).isTrue();
      }
    }

    assertThat(searched)
        .contains("gen_ai.client.token.usage", "skein.client.cost")
        .allMatch(name -> names.contains('"' + name + '"'));
  }

  @Test
  void everyMetricOfTheCodeHasAnAlarm() throws Exception {
    assertThat(alarms().stream().filter(it -> it.namespace().equals("Skein")).map(Watched::name))
        .containsExactlyInAnyOrderElementsOf(metricsOfTheCode());
  }

  @Test
  void everyFunctionsErrorsAndThrottlesAreWatched() {
    var functions =
        TemplateJson.resources(TemplateJson.FUNCTION).keySet().stream().sorted().toList();

    for (String alarm : List.of("FunctionErrorsAlarm", "ThrottlesAlarm")) {
      var watched = new TreeSet<String>();
      var ids = new TreeSet<String>();
      JsonNode metrics = TemplateJson.properties(alarm).path("Metrics");
      for (JsonNode item : metrics) {
        JsonNode metric = ifThere(item);
        if (metric.has("MetricStat")) {
          ids.add(metric.path("Id").asText());
          watched.add(metric.at("/MetricStat/Metric/Dimensions/0/Value/Ref").asText());
        }
      }
      assertThat(watched).containsExactlyElementsOf(functions);
      JsonNode expression = metrics.get(0).path("Expression").path("Fn::If");
      assertThat(expression.path(0).asText()).isEqualTo("HasApiDocs");
      assertThat(expression.path(1).asText()).isEqualTo(sum(metricsInOrder(metrics)));
      assertThat(expression.path(2).asText())
          .isEqualTo(
              sum(metricsInOrder(metrics).stream().filter(id -> !id.equals("docs")).toList()));
      assertThat(ids).hasSameSizeAs(functions);
    }
  }

  private static String sum(List<String> ids) {
    return ids.stream().map("FILL(%s, 0)"::formatted).collect(Collectors.joining(" + "));
  }

  /** An item, or what it is if its condition holds. */
  private static JsonNode ifThere(JsonNode item) {
    return item.has("Fn::If") ? item.at("/Fn::If/1") : item;
  }

  @Test
  void theDashboardShowsEveryFunction() {
    String body = dashboardBody();

    for (String function : TemplateJson.resources(TemplateJson.FUNCTION).keySet()) {
      for (String metric : List.of("Errors", "Duration", "Throttles", "ConcurrentExecutions")) {
        assertThat(body)
            .contains(
                "\"AWS/Lambda\",\"%s\",\"FunctionName\",\"${%s}\"".formatted(metric, function));
      }
    }
  }

  @Test
  void theRunbookLooksForErrorsAndThrottlesInEveryFunctionThatIsAlwaysThere() {
    var functions =
        TemplateJson.resources(TemplateJson.FUNCTION).entrySet().stream()
            .filter(function -> !function.getValue().has("Condition"))
            .map(function -> function.getKey().replace("Function", ""))
            .toList();

    for (String section : List.of("## A function fails", "## A function is throttled")) {
      String text = Pages.read("docs/operations.md").split(section + "\n", 2)[1];
      var searched = Pages.groups("for f in ([A-Za-z ]+); do", text).getFirst();
      assertThat(searched.split(" ", -1))
          .as(section)
          .containsExactlyInAnyOrderElementsOf(functions);
    }
  }

  @Test
  void everyAlarmNotifiesTheTopicAndIsQuietWithoutData() {
    TemplateJson.resources(ALARM)
        .forEach(
            (name, alarm) -> {
              JsonNode properties = alarm.path("Properties");
              String topic = "[{\"Fn::If\":[\"HasNoAlarmTopic\",{\"Ref\":\"AlarmTopic\"},";
              assertThat(properties.path("AlarmActions").toString())
                  .as("CloudWatch.15, CKV_AWS_319: an alarm that tells nobody: %s", name)
                  .startsWith(topic);
              assertThat(properties.path("OKActions").toString()).startsWith(topic);
              assertThat(properties.path("TreatMissingData").asText())
                  .as("a service that nobody calls is not broken: %s", name)
                  .isEqualTo("notBreaching");
            });
  }

  @Test
  void everyAlarmHasASectionOfTheRunbookAndARowOfTheList() {
    var anchors =
        Pages.groups("(?m)^## (.+)$", Pages.read("docs/operations.md")).stream()
            .map(heading -> heading.toLowerCase(Locale.ROOT).replace(' ', '-'))
            .toList();
    var rows =
        Pages.groups(
            "(?m)^\\| `(\\w+Alarm)` \\|.*\\(operations\\.md#[a-z-]+\\)",
            Pages.read("docs/deploy.md"));
    var named = new ArrayList<String>();
    TemplateJson.resources(ALARM)
        .forEach(
            (name, alarm) -> {
              String description = alarm.at("/Properties/AlarmDescription").asText();
              String anchor = description.replaceFirst(".* Runbook: docs/operations.md#", "");
              assertThat(anchors).as(name).contains(anchor);
              assertThat(Pages.read("docs/deploy.md"))
                  .as(name)
                  .containsPattern("\\| `" + name + "` \\|.*operations\\.md#" + anchor + "\\)");
              named.add(name);
            });

    assertThat(rows).containsExactlyInAnyOrderElementsOf(named);
  }

  private static List<Watched> alarms() {
    var watched = new ArrayList<Watched>();
    TemplateJson.resources(ALARM)
        .forEach(
            (name, alarm) -> {
              JsonNode properties = alarm.path("Properties");
              if (properties.has("MetricName")) {
                watched.add(watched(name, properties));
              }
              for (JsonNode item : properties.path("Metrics")) {
                JsonNode metric = ifThere(item);
                if (metric.has("MetricStat")) {
                  watched.add(watched(name, metric.at("/MetricStat/Metric")));
                }
              }
            });
    return watched;
  }

  private static Watched watched(String user, JsonNode metric) {
    var dimensions = new TreeSet<String>();
    metric.path("Dimensions").forEach(it -> dimensions.add(it.path("Name").asText()));
    return new Watched(
        user, metric.path("Namespace").asText(), metric.path("MetricName").asText(), dimensions);
  }

  /** In the body, a metric is a list: its namespace, its name, and names and values by turns. */
  private static List<Watched> dashboard() throws IOException {
    String body = dashboardBody();
    var watched = new ArrayList<Watched>();
    for (JsonNode widget : TemplateJson.JSON.readTree(body).path("widgets")) {
      for (JsonNode metric : widget.at("/properties/metrics")) {
        if (metric.path(0).has("expression")) {
          continue; // a search: see everySearchIsForMetricsOfModelCalls
        }
        var dimensions = new TreeSet<String>();
        for (int i = 2; i < metric.size(); i += 2) {
          dimensions.add(metric.get(i).asText());
        }
        watched.add(
            new Watched("Dashboard", metric.get(0).asText(), metric.get(1).asText(), dimensions));
      }
    }
    return watched;
  }

  private static String dashboardBody() {
    return TemplateJson.properties("Dashboard").at("/DashboardBody/Fn::Sub/0").asText();
  }

  /** The sets of dimensions with which the log really writes a metric. */
  private static Set<Set<String>> dimensionsOfTheLog() throws IOException {
    var lines = new ArrayList<String>();
    new Log(InstantSource.system(), lines::add).alarm("event", "Metric", _ -> {});
    JsonNode directive =
        TemplateJson.JSON.readTree(lines.getFirst()).at("/_aws/CloudWatchMetrics/0");
    assertThat(directive.path("Namespace").asText()).isEqualTo("Skein");
    var sets = new HashSet<Set<String>>();
    for (JsonNode set : directive.path("Dimensions")) {
      var names = new TreeSet<String>();
      set.forEach(name -> names.add(name.asText()));
      sets.add(names);
    }
    return sets;
  }

  private static List<String> metricsInOrder(JsonNode metrics) {
    var ids = new ArrayList<String>();
    for (JsonNode item : metrics) {
      JsonNode metric = ifThere(item);
      if (metric.has("MetricStat")) {
        ids.add(metric.path("Id").asText());
      }
    }
    return ids;
  }

  private static Set<String> metricsOfTheCode() {
    var names = new TreeSet<String>();
    for (String source : Pages.sources("shared", "functions")) {
      names.addAll(Pages.groups("_METRIC = \"(\\w+)\"", source));
    }
    assertThat(names).hasSizeGreaterThan(2);
    return names;
  }
}
