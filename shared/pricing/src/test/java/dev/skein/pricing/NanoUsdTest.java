package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NanoUsdTest {
  private static final NanoUsd LARGEST = new NanoUsd(Long.MAX_VALUE);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0.000000001",
    "123450, 0.00012345",
    "100000000, 0.1",
    "1000000000, 1",
    "1050000000, 1.05",
    "20000000000, 20",
    "9223372036854775807, 9223372036.854775807"
  })
  void anAmountIsWrittenInDecimalDollars(long nanos, String text) {
    assertThat(new NanoUsd(nanos)).hasToString(text);
    assertThat(NanoUsd.parse(text)).isEqualTo(new NanoUsd(nanos));
  }

  @ParameterizedTest
  @CsvSource({"0.10, 0.1", "1.000000000, 1", "007, 7", "0.000, 0"})
  void zerosAreReadThatAreNotWritten(String text, String written) {
    assertThat(NanoUsd.parse(text)).hasToString(written);
  }

  @Test
  void everyAmountIsWrittenAsBigDecimalWouldAndIsReadBack() {
    var random = new Random(16);
    for (int i = 0; i < 10_000; i++) {
      long nanos = random.nextLong(Long.MAX_VALUE) >> random.nextInt(62);
      var amount = new NanoUsd(nanos);
      String plain = BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();

      assertThat(amount).hasToString(plain);
      assertThat(NanoUsd.parse(plain)).isEqualTo(amount);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1e-6",
        "1E2",
        "0x1",
        "1,5",
        "1.2.3",
        "null",
        "0.0000000001",
        "9223372036.854775808",
        "9223372037",
        "99999999999999999999",
        "１"
      })
  void otherTextsAreNoAmounts(String text) {
    assertThatThrownBy(() -> NanoUsd.parse(text)).isInstanceOf(NumberFormatException.class);
  }

  @Test
  void aSumIsExactOrFails() {
    assertThat(NanoUsd.parse("0.1").plus(NanoUsd.parse("0.2"))).isEqualTo(NanoUsd.parse("0.3"));
    assertThat(LARGEST.plus(NanoUsd.ZERO)).isEqualTo(LARGEST);
    assertThatThrownBy(() -> LARGEST.plus(new NanoUsd(1))).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void anAmountIsNotNegative() {
    assertThatThrownBy(() -> new NanoUsd(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void amountsAreOrdered() {
    assertThat(NanoUsd.parse("0.15")).isLessThan(NanoUsd.parse("0.2"));
    assertThat(NanoUsd.parse("2").max(NanoUsd.parse("10"))).hasToString("10");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "499999, 0", "500000, 1", "1499999, 1", "1500000, 2", "2500000, 3"})
  void aMillionthIsRoundedHalfUp(long sum, long nanos) {
    assertThat(NanoUsd.millionth(BigInteger.valueOf(sum))).contains(new NanoUsd(nanos));
  }

  @Test
  void aSumThatIsTooLargeForAnAmountIsUnknown() {
    var tooLarge = BigInteger.TWO.pow(63).multiply(BigInteger.valueOf(1_000_000));

    assertThat(NanoUsd.millionth(tooLarge)).isEmpty();
    assertThat(NanoUsd.millionth(tooLarge.subtract(BigInteger.valueOf(500_001)))).contains(LARGEST);
  }

  @Test
  void aRangeHasItsLowerEndFirst() {
    var low = NanoUsd.parse("1");
    var high = NanoUsd.parse("2");

    assertThat(new CostRange(low, high).plus(CostRange.of(low)))
        .isEqualTo(new CostRange(high, NanoUsd.parse("3")));
    assertThatThrownBy(() -> new CostRange(high, low)).isInstanceOf(IllegalArgumentException.class);
  }
}
