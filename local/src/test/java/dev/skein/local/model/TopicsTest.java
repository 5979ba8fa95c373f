package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopicsTest {

  @Test
  void theMostFrequentMeaningfulWordsAreTheTopics() {
    String text =
        "The battery of the phone is good. The battery lasts, and the screen of the phone is"
            + " bright. Battery!";

    assertThat(Topics.of(text, 3)).containsExactly("battery", "phone", "lasts");
  }

  @Test
  void aPluralCountsWithItsSingular() {
    assertThat(Topics.of("Queues hold messages. A queue's message waits. Glass.", 3))
        .containsExactly("queues", "messages", "hold");
  }

  @Test
  void aTextWithoutMeaningfulWordsHasNoTopics() {
    assertThat(Topics.of("It is what it is: 42.", 3)).isEmpty();
  }
}
