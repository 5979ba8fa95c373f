package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeTest {

  @Test
  void aRangeShowsMedianSmallestAndLargest() {
    assertThat(Range.of(List.of(3.25, 1.0, 2.0)).text(1)).isEqualTo("2.0 (1.0 to 3.3)");
  }

  @Test
  void theMedianOfAnEvenNumberIsTheLowerMiddleValue() {
    assertThat(Range.of(List.of(4, 1, 3, 2)).median()).isEqualTo(2);
  }

  @Test
  void aSingleFigureStandsAlone() {
    assertThat(Range.millis(List.of(Duration.ofMillis(7)), time -> time).text(0)).isEqualTo("7");
  }

  @Test
  void noFiguresAreRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> Range.of(List.of()));
  }
}
