package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LexiconSentimentTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I love this product, it is GREAT!",
        "The staff were helpful; the room was clean.",
        "Not bad at all.",
        "We had no problems.",
        "I don't regret it.",
        "I didn’t hate it",
        "I do not care. Great food!",
      })
  void praiseIsPositive(String text) {
    assertThat(LexiconSentiment.of(text)).isEqualTo("positive");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A terrible, slow and buggy app.",
        "This is not good.",
        "It was not at all helpful",
        "They never improved it",
        "I can't recommend it.",
      })
  void blameIsNegative(String text) {
    assertThat(LexiconSentiment.of(text)).isEqualTo("negative");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"The train leaves at nine.", "Great food, terrible service.", "", "…", "数"})
  void aBalancedTextIsNeutral(String text) {
    assertThat(LexiconSentiment.of(text)).isEqualTo("neutral");
  }
}
