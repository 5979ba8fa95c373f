package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PageSummaryTest {
  private static ObjectNode completed(long latency) {
    return Samples.completed(intent("a")).toJson().put("latency_ms", latency);
  }

  @Test
  void tokensAreSummedAndUnknownOnesAreCounted() {
    var summary =
        PageSummary.of(
            List.of(
                completed(1),
                completed(2),
                Samples.failed(intent("b")).toJson(),
                intent("c").toJson()));

    assertThat(summary.toString())
        .isEqualTo(
            "{\"records\":4,\"errors\":1,\"prompt_tokens\":24,\"completion_tokens\":10,"
                + "\"total_tokens\":34,\"records_without_tokens\":2,"
                + "\"cost_usd\":\"0.000025\",\"records_without_cost\":2,"
                + "\"latency_ms\":{\"p50\":2,\"p95\":26040}}");
  }

  @Test
  void sumsAreNullOnlyIfNoneIsKnown() {
    var summary = PageSummary.of(List.of(intent("c").toJson()));

    assertThat(summary.path("total_tokens").isNull()).isTrue();
    assertThat(summary.path("records_without_tokens").asInt()).isEqualTo(1);
    assertThat(summary.path("cost_usd").isNull()).isTrue();
    assertThat(summary.path("records_without_cost").asInt()).isEqualTo(1);
    assertThat(summary.path("latency_ms").path("p50").isNull()).isTrue();
  }

  @Test
  void costsAreSummedExactly() {
    var costs =
        List.of("0.1", "0.2", "0.000000001", "0", "12345678.9").stream()
            .map(cost -> completed(1).put("cost_usd", cost))
            .toList();

    assertThat(PageSummary.of(costs).path("cost_usd").asText()).isEqualTo("12345679.200000001");
    assertThat(PageSummary.of(costs.subList(3, 4)).path("cost_usd").asText()).isEqualTo("0");
  }

  @Test
  void percentilesAreByNearestRank() {
    var hundred = IntStream.rangeClosed(1, 100).mapToObj(PageSummaryTest::completed).toList();
    var twenty = hundred.subList(0, 20);

    assertThat(PageSummary.of(hundred).path("latency_ms").toString())
        .isEqualTo("{\"p50\":50,\"p95\":95}");
    assertThat(PageSummary.of(twenty).path("latency_ms").toString())
        .isEqualTo("{\"p50\":10,\"p95\":19}");
    assertThat(PageSummary.of(hundred.subList(6, 7)).path("latency_ms").toString())
        .isEqualTo("{\"p50\":7,\"p95\":7}");
  }
}
