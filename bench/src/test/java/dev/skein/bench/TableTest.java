package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void columnsAreAsWideAsTheirWidestCellAndFiguresStandOnTheRight() {
    String table =
        new Table("call", "p50").row("chat", "2.31").row("model alone", "10.4").markdown();

    assertThat(table)
        .isEqualTo(
            """
            | call        |  p50 |
            | ----------- | ---: |
            | chat        | 2.31 |
            | model alone | 10.4 |
            """);
  }

  @Test
  void aRowOfAnotherWidthIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Table("a", "b").row("c"));
  }
}
