package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.bench.ColdStart.Case;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonReportTest {

  private static final CpuQuota PERMITTED = new CpuQuota.Permitted(Path.of("group"));
  private static final CpuQuota REFUSED = new CpuQuota.NotPermitted("read-only file system");

  @Test
  void theRatioOfAColdStartIsThatOfTheMedians() {
    assertThat(report(PERMITTED).page())
        .containsPattern(
            "cold start of chat over FastAPI behind Mangum, TLS, 0.58 vCPU +\\| +0\\.500 \\|");
  }

  @Test
  void theFirstInvokeIsCountedWithoutTheModelsOwnTime() {
    assertThat(report(PERMITTED).page())
        .containsPattern(
            "first invoke of chat over the model's own time, TLS, model 500 ms +\\| +20\\.00 ms");
  }

  @Test
  void whatWasNotBuiltIsNotMeasured() {
    assertThat(report(PERMITTED).page())
        .containsPattern("warm chat, AOT zip, CPU of a request +\\| not measured \\|");
  }

  @Test
  void aMachineThatPermitsNoLimitSaysSoInItsColumnAndInTheText() {
    String page = report(REFUSED).page();

    assertThat(page)
        .contains("A limit of the CPU was not permitted on this machine (read-only file system)")
        .containsPattern("\\| chat +\\|.*\\| +not permitted \\|")
        .doesNotContain("is a cgroup's");
  }

  @Test
  void theColdPlotHasTheLimitedStartsOrElseThoseOverTls() {
    assertThat(report(PERMITTED).coldPlot()).contains("TLS, 0.58 vCPU");
    assertThat(report(REFUSED).coldPlot()).contains("Cold start in ms, TLS<");
  }

  @Test
  void theWarmPlotLeavesOutWhatHasNoProcess() {
    assertThat(report(PERMITTED).warmPlot()).contains(">chat<").doesNotContain(Warm.MODEL);
  }

  private static ComparisonReport report(CpuQuota quota) {
    Condition slow = Condition.TLS.withModelTime(Duration.ofMillis(500));
    Scale scale =
        new Scale(
                "quick", List.of(Condition.TLS, slow, Condition.TLS_LIMITED), 1, 600, 1, 100, false)
            .under(quota);
    Map<Case, List<ColdStart>> cold = new LinkedHashMap<>();
    for (Condition condition : scale.conditions()) {
      cold.put(new Case(subject(Functions.CHAT), condition), List.of(start(480, 20, condition)));
      cold.put(new Case(subject(Peers.MANGUM), condition), List.of(start(900, 100, condition)));
    }
    return new ComparisonReport(
        new Comparison(
            scale,
            "a machine",
            "Python 3",
            quota,
            cold,
            Map.of(
                Functions.CHAT, List.of(warm(4)),
                Warm.MODEL, List.of(warm(0))),
            Map.of(Functions.CHAT, 5_000L),
            Map.of(Functions.CHAT, 7_000_000L),
            Map.of(FanOut.ONE, List.of(Duration.ofMillis(210))),
            new FirstToken(
                Map.of(
                    FirstToken.MODEL, new Spread(List.of(Duration.ofMillis(1))),
                    FirstToken.FUNCTION, new Spread(List.of(Duration.ofMillis(3)))))));
  }

  private static ColdStart start(int init, int invoke, Condition condition) {
    return new ColdStart(
        Duration.ofMillis(init), Duration.ofMillis(invoke).plus(condition.modelTime()));
  }

  private static Warm warm(int cpuMillis) {
    return new Warm(
        IntStream.range(0, 600).mapToObj(Duration::ofMillis).toList(),
        Duration.ofMillis(cpuMillis),
        cpuMillis * 1_000_000L);
  }

  private static Subject subject(String name) {
    return new Subject(
        name, Path.of("."), "handler", List.of(), Map.of(), Path.of("e"), Contract.chat(1), 0);
  }
}
