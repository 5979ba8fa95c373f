package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.functions.audit.AuditQuery.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AuditQueryTest {
  private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");

  private static Range range(Optional<Instant> from, Optional<Instant> to) {
    return new AuditQuery(Map.of(), from, to, 20, Optional.empty()).range(NOW, Duration.ofDays(10));
  }

  @Test
  void withoutTimesTheRangeIsTheRetentionPeriod() {
    assertThat(range(Optional.empty(), Optional.empty()))
        .isEqualTo(new Range("2026-06-05T12:00:00.000Z", "2026-06-15T12:00:00.000Z"));
  }

  @Test
  void theRangeIsLimitedToWhereRecordsCanBe() {
    var beginning = Instant.parse("0001-01-01T00:00:00Z");
    var end = Instant.parse("9999-12-31T00:00:00Z");

    assertThat(range(Optional.of(beginning), Optional.of(end)))
        .isEqualTo(new Range("2016-06-17T12:00:00.000Z", "2026-06-16T12:00:00.000Z"));
    assertThat(range(Optional.of(beginning), Optional.of(beginning.plusMillis(1))).isEmpty())
        .isTrue();
    assertThat(range(Optional.of(end.minusMillis(1)), Optional.of(end)).isEmpty()).isTrue();
  }

  @Test
  void anIntentIsIncompleteAfterTheLongestFunctionTimeout() {
    var incomplete =
        new AuditQuery(
            Map.of(AuditFilter.PHASE, "incomplete"),
            Optional.empty(),
            Optional.empty(),
            20,
            Optional.empty());

    assertThat(incomplete.range(NOW, Duration.ofDays(10)).upper())
        .isEqualTo("2026-06-15T11:40:00.000Z");
  }
}
