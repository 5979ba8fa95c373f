package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class MarkdownTableTest {

  @Test
  void columnsAreAsWideAsTheirWidestCellAndNumbersAreRightAligned() {
    String table =
        new MarkdownTable("call", "p50").row("chat", "2.31").row("model alone", "10.4").markdown();

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
  void aRowWithAnotherNumberOfCellsIsRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> new MarkdownTable("a", "b").row("c"));
  }
}
