package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class PriceListTest {
  private static final PriceList LIST =
      new PriceList(
          """
          # A list
          model a*
          price input=1 output=1
          model a-2* a-2-1
          price input=2 output=2
          price tier=flex input=0.5
          retires 2027-01-01 a-1
          model a-2 b
          price input=3
          retires 2027-02-02 a* b
          """);

  @Test
  void anExactNamePrecedesAPatternBeforeIt() {
    assertThat(input("a-2")).isEqualTo("3");
    assertThat(input("a-2-1")).isEqualTo("2");
  }

  @Test
  void theFirstOfTwoPatternsCounts() {
    assertThat(input("a-2-7")).isEqualTo("1");
  }

  @Test
  void aModelHasThePricesUpToTheNextOne() {
    assertThat(LIST.prices("a-1").orElseThrow()).hasSize(1);
    assertThat(LIST.prices("a-2-1").orElseThrow()).hasSize(2);
    assertThat(LIST.prices("b").orElseThrow()).hasSize(1);
  }

  @Test
  void aPartOfALineIsNoName() {
    assertThat(LIST.prices("")).isEmpty();
    assertThat(LIST.prices("a-2-1 price")).isEmpty();
    assertThat(LIST.prices("model")).isEmpty();
    assertThat(LIST.prices("input=1")).isEmpty();
    assertThat(LIST.prices("list")).isEmpty();
  }

  @Test
  void anExactNamePrecedesAPatternInTheDaysOfRetirement() {
    assertThat(LIST.retirement("a-1")).contains(LocalDate.of(2027, 1, 1));
    assertThat(LIST.retirement("a-latest")).contains(LocalDate.of(2027, 2, 2));
    assertThat(LIST.retirement("b")).contains(LocalDate.of(2027, 2, 2));
    assertThat(LIST.retirement("2027-01-01")).isEmpty();
    assertThat(LIST.retirement("c")).isEmpty();
  }

  private static String input(String model) {
    return LIST.prices(model).orElseThrow().getFirst().bands().getFirst().input().toString();
  }
}
