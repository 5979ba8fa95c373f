package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogTest {
  private final List<String> lines = new ArrayList<>();
  private final Log log =
      new Log(
          InstantSource.fixed(Instant.parse("2026-11-23T10:00:00Z")),
          lines::add,
          "skein",
          "skein-ChatFunction");

  @Test
  void oneEventIsOneLineOfJsonWhateverItsValuesContain() {
    log.info("seen", line -> line.put("value", "a\nb\r\u2028\"{}"));

    assertThat(lines)
        .containsExactly(
            "{\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"level\":\"INFO\",\"event\":\"seen\","
                + "\"value\":\"a\\nb\\r\\u2028\\\"{}\"}");
  }

  @Test
  void anAlarmIsAnErrorThatAddsToAMetricOfTheStackAndOfTheFunction() {
    log.alarm("broken", "ThingsBroken", line -> line.put("request_id", "r"));

    assertThat(lines)
        .containsExactly(
            "{\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"level\":\"ERROR\",\"event\":\"broken\","
                + "\"request_id\":\"r\",\"stack\":\"skein\",\"function\":\"skein-ChatFunction\","
                + "\"_aws\":{\"Timestamp\":1795428000000,"
                + "\"CloudWatchMetrics\":[{\"Namespace\":\"Skein\","
                + "\"Dimensions\":[[\"stack\"],[\"stack\",\"function\"]],"
                + "\"Metrics\":[{\"Name\":\"ThingsBroken\",\"Unit\":\"Count\"}]}]},"
                + "\"ThingsBroken\":1}");
  }

  @Test
  void aLineOfMetricsHasADirectiveForEachSetOfDimensionsAndNoneForNoValues() {
    MetricLine line = log.metrics("measured");
    line.put("model", "m-1");
    line.withDimensions(List.of(List.of("stack", "model")));
    line.add("Wait", MetricLine.SECONDS, List.of(DoubleNode.valueOf(0.5)));
    line.add("Tokens", MetricLine.COUNT, List.of(IntNode.valueOf(1), IntNode.valueOf(2)));
    line.withDimensions(List.of(List.of("model")));
    line.add("Nothing", MetricLine.COUNT, List.of());
    line.write();

    assertThat(lines)
        .containsExactly(
            "{\"timestamp\":\"2026-11-23T10:00:00.000Z\",\"level\":\"INFO\","
                + "\"event\":\"measured\",\"stack\":\"skein\",\"function\":\"skein-ChatFunction\","
                + "\"_aws\":{\"Timestamp\":1795428000000,"
                + "\"CloudWatchMetrics\":[{\"Namespace\":\"Skein\","
                + "\"Dimensions\":[[\"stack\",\"model\"]],"
                + "\"Metrics\":[{\"Name\":\"Wait\",\"Unit\":\"Seconds\"},"
                + "{\"Name\":\"Tokens\",\"Unit\":\"Count\"}]}]},"
                + "\"model\":\"m-1\",\"Wait\":0.5,\"Tokens\":[1,2]}");
  }

  @Test
  void everyLineOfARequestHasItsIdAndItsTrace() {
    log.ofRequest("r-1", Optional.of("t-1")).info("seen", line -> line.put("value", 1));
    log.ofRequest("r-2", Optional.empty()).alarm("broken", "ThingsBroken", _ -> {});

    assertThat(lines.getFirst())
        .endsWith("\"event\":\"seen\",\"request_id\":\"r-1\",\"trace_id\":\"t-1\",\"value\":1}");
    assertThat(lines.getLast())
        .contains("\"request_id\":\"r-2\",\"stack\":\"skein\"")
        .doesNotContain("trace_id");
  }

  @Test
  void aWarningMayAddToAMetricMoreThanOnce() {
    log.warn("skipped", "ThingsSkipped", 3, line -> line.put("request_id", "r"));

    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst())
        .contains("\"level\":\"WARN\"", "\"Name\":\"ThingsSkipped\"", "\"ThingsSkipped\":3}");
  }

  @Test
  void aBugIsLoggedWithItsClassAndStackFramesButNotItsMessage() {
    log.bug("bug", new IllegalStateException("the prompt"), line -> line.put("request_id", "r"));

    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst())
        .contains("java.lang.IllegalStateException", "LogTest.aBugIsLogged", "\"request_id\":\"r\"")
        .doesNotContain("the prompt");
  }

  @Test
  void aTimestampAlwaysHasThreeDecimals() {
    assertThat(Log.timestamp(Instant.parse("2026-01-01T00:00:00.1239Z")))
        .isEqualTo("2026-01-01T00:00:00.123Z");
    assertThat(Log.timestamp(Instant.parse("2026-01-01T00:00:00.100Z")))
        .isEqualTo("2026-01-01T00:00:00.100Z");
    assertThat(Log.timestamp(Instant.parse("2026-01-01T00:00:00Z")))
        .isEqualTo("2026-01-01T00:00:00.000Z");
  }
}
