package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExtractiveSummaryTest {
  private static final String TEXT =
      """
      Good morning. The audit queue holds every audit record
      until the table has stored it. Lunch was late. A record that the table refuses goes to
      a second queue.
      """;

  @Test
  void theSentenceWithTheMostFrequentWordsIsTheSummary() {
    assertThat(ExtractiveSummary.sentence(TEXT))
        .isEqualTo("The audit queue holds every audit record until the table has stored it.");
  }

  @Test
  void fiveWordsKeepTheOrderOfTheSentence() {
    assertThat(ExtractiveSummary.words(TEXT, 5)).isEqualTo("audit queue holds record table");
  }

  @Test
  void aShortTextIsItsOwnSummary() {
    assertThat(ExtractiveSummary.sentence("It is so")).isEqualTo("It is so");
    assertThat(ExtractiveSummary.words("It is so", 5)).isEqualTo("It is so");
    assertThat(ExtractiveSummary.words("It is so and it is so", 5)).isEqualTo("It is so and it");
  }

  @Test
  void aVeryLongSentenceIsChosenOnlyIfAllAre() {
    String overlong = "queue ".repeat(60) + "end.";

    assertThat(ExtractiveSummary.sentence(overlong + " The queue is empty."))
        .isEqualTo("The queue is empty.");
    assertThat(ExtractiveSummary.sentence(overlong)).isEqualTo(overlong);
  }

  @Test
  void aBlankTextHasNoSummary() {
    assertThat(ExtractiveSummary.sentence(" \n ")).isEmpty();
    assertThat(ExtractiveSummary.words("", 5)).isEmpty();
  }
}
