package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class UsageTest {

  private static final Usage FULL = usage("default");

  @Test
  void aSumAddsEveryCount() {
    assertThat(FULL.plus(FULL))
        .isEqualTo(
            new Usage(
                200,
                80,
                280,
                OptionalLong.of(60),
                OptionalLong.of(20),
                OptionalLong.of(10),
                Optional.of("default")));
  }

  @Test
  void aDetailThatOnePartLacksIsUnknownInTheSum() {
    Usage sum = FULL.plus(new Usage(1, 2, 3));

    assertThat(sum).isEqualTo(new Usage(101, 42, 143));
  }

  @Test
  void differentServiceTiersHaveNoCommonOne() {
    assertThat(FULL.plus(usage("priority")).serviceTier()).isEmpty();
  }

  @Test
  void aSumWithAnUnknownUsageIsUnknown() {
    assertThat(Usage.sum(Optional.of(FULL), Optional.empty())).isEmpty();
    assertThat(Usage.sum(Optional.empty(), Optional.of(FULL))).isEmpty();
    assertThat(Usage.sum(Optional.of(FULL), Optional.of(FULL))).contains(FULL.plus(FULL));
  }

  private static Usage usage(String serviceTier) {
    return new Usage(
        100,
        40,
        140,
        OptionalLong.of(30),
        OptionalLong.of(10),
        OptionalLong.of(5),
        Optional.of(serviceTier));
  }
}
