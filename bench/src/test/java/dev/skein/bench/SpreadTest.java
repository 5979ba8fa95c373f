package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void theMedianOfAnOddNumberIsTheMiddleValue() {
    assertThat(of(9, 1, 5).median()).isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void theMedianOfAnEvenNumberIsTheLowerMiddleValue() {
    assertThat(of(4, 1, 3, 2).median()).isEqualTo(Duration.ofMillis(2));
  }

  @Test
  void minimumAndMaximumDoNotDependOnTheOrder() {
    Spread spread = of(7, 2, 9, 4);

    assertThat(spread.min()).isEqualTo(Duration.ofMillis(2));
    assertThat(spread.max()).isEqualTo(Duration.ofMillis(9));
  }

  @Test
  void oneInAHundredIsLongerThanTheNinetyNinthPercentile() {
    Spread spread = of(IntStream.rangeClosed(1, 200).toArray());

    assertThat(spread.percentile(99)).isEqualTo(Duration.ofMillis(198));
    assertThat(spread.percentile(100)).isEqualTo(Duration.ofMillis(200));
    assertThat(spread.percentile(1)).isEqualTo(Duration.ofMillis(2));
  }

  @Test
  void aSingleDurationIsEveryPercentile() {
    assertThat(of(3).percentile(1)).isEqualTo(of(3).percentile(100));
  }

  @Test
  void anEmptySpreadAndInvalidPercentilesAreRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Spread(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> of(1).percentile(0));
    assertThatIllegalArgumentException().isThrownBy(() -> of(1).percentile(101));
  }

  private static Spread of(int... millis) {
    return new Spread(IntStream.of(millis).mapToObj(Duration::ofMillis).toList());
  }
}
