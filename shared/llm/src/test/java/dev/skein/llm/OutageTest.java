package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.OutageSimulation.Kind;
import dev.skein.llm.OutageSimulation.Report;
import dev.skein.llm.OutageSimulation.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an outage of a minute does to a client, and a client to what is down. */
class OutageTest {
  private static final Path TABLE = Path.of("../../bench/results/outage.txt");
  private static final Duration SOON = Duration.ofSeconds(5);

  /** A breaker that never opens: the budget works alone. */
  private static final Setting NO_BREAKER = new Setting(1, 100_000);

  private static final Setting SECOND_ENDPOINT = new Setting(2, 5);

  /** A simulation has the same end each time, and takes seconds of CPU. */
  private static final Map<List<?>, Report> REPORTS = new ConcurrentHashMap<>();

  private static Report run(Kind kind, Setting setting) {
    var report =
        REPORTS.computeIfAbsent(List.of(kind, setting), _ -> OutageSimulation.run(kind, setting));
    assertThat(report.faults()).isEmpty();
    assertThat(report.requests()).isEqualTo(3_000);
    assertThat(report.failedBefore()).as("failures in health").isZero();
    return report;
  }

  /** In the long run a fifth more, after the ten retries that a full bucket holds. */
  private static void assertNotAmplified(Report report) {
    assertThat(report.attempts()).isLessThanOrEqualTo(10 + report.requests() * 6 / 5);
  }

  @ParameterizedTest
  @EnumSource
  void anOutageIsNotAmplifiedAndItsEndIsNoticed(Kind kind) {
    var report = run(kind, Setting.DEFAULT);

    assertNotAmplified(report);
    assertThat(report.recovery()).isLessThanOrEqualTo(SOON);
  }

  @ParameterizedTest
  @EnumSource
  void theBudgetAloneDoesNotAmplifyAnOutage(Kind kind) {
    assertNotAmplified(run(kind, NO_BREAKER));
  }

  @ParameterizedTest
  @EnumSource
  void aSecondEndpointAnswersEveryRequest(Kind kind) {
    var report = run(kind, SECOND_ENDPOINT);

    assertThat(report.answered()).isEqualTo(report.requests());
    assertThat(report.longest())
        .isLessThanOrEqualTo(OutageSimulation.DEADLINE.dividedBy(2).plusSeconds(1));
    assertThat(report.recovery()).isZero();
  }

  @Test
  void theTableIsTheOneThatIsWrittenDown() throws IOException {
    String table = table();
    if (Boolean.getBoolean("skein.write")) {
      Files.writeString(TABLE, table);
    }
    assertThat(TABLE)
        .as(
            "update it with: mvn -pl shared/llm -am test -Dtest=OutageTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dskein.write=true")
        .hasContent(table);
  }

  private static String table() {
    return """
    An outage of 60 s at 50 requests a second, in virtual time: 30 s of health before it, 30 s after it.
    Deadline 26 s, answers after 400 ms, 2 retries at an endpoint, retry budget 10. The requests are those
    that began in the outage. "skipped" were refused at once because the circuit breaker was open; "longest"
    is the longest of them, however it ended; "recovered" is the time from the end of the outage after which
    every request was answered. Written and checked by OutageTest.

    Defaults: one endpoint, the circuit breaker opens after 5 failures
    %s
    Without the circuit breaker: the retry budget works alone
    %s
    A second endpoint, which is healthy
    %s\
    """
        .formatted(rows(Setting.DEFAULT), rows(NO_BREAKER), rows(SECOND_ENDPOINT));
  }

  private static String rows(Setting setting) {
    var lines = new StringBuilder();
    line(
        lines,
        "kind",
        "requests",
        "attempts",
        "per request",
        "answered",
        "skipped",
        "longest",
        "recovered");
    for (var kind : Kind.values()) {
      var report = run(kind, setting);
      line(
          lines,
          kind.words,
          report.requests(),
          report.attempts(),
          String.format(Locale.ROOT, "%.3f", (double) report.attempts() / report.requests()),
          report.answered(),
          report.skipped(),
          seconds(report.longest()),
          seconds(report.recovery()));
    }
    return lines.toString();
  }

  private static void line(StringBuilder lines, Object... cells) {
    lines.append(String.format("  %-22s %8s %8s %11s %8s %8s %8s %9s\n", cells));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f s", time.toNanos() / 1e9);
  }
}
