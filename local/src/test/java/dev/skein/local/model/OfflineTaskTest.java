package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfflineTaskTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Give the sentiment of the text (one word).    | SENTIMENT
          List 3 topics of the text (comma-separated).  | TOPICS
          Summarize the text in one sentence.           | SUMMARY
          SUMMARISE THE TEXT IN 5 WORDS                 | HEADLINE
          Answer in one sentence.                       | CHAT
          You are kind.                                 | CHAT
          ''                                            | CHAT
          """)
  void aTaskIsKnownByItsInstruction(String system, OfflineTask expected) {
    assertThat(OfflineTask.of(system)).isEqualTo(expected);
  }

  @Test
  void aChatSaysThatItIsAStandInAndHowToUseAModel() {
    assertThat(OfflineTask.CHAT.answer(" What is\na skein? "))
        .startsWith("This is Skein's offline stand-in, not a language model. ")
        .contains("You wrote: \"What is a skein?\" ")
        .contains("OPENAI_API_KEY", "OPENAI_BASE_URL", "Ollama");
  }

  @Test
  void aChatRepliesWithTheTextThatTheMessageDictates() {
    assertThat(OfflineTask.CHAT.answer("Edit it. <reply>\na.py\n<b>\n</reply> Thank you."))
        .isEqualTo("a.py\n<b>");
  }

  @Test
  void aLongMessageIsRepeatedInPartAndNeverHalfACharacter() {
    assertThat(OfflineTask.CHAT.answer("😀".repeat(100))).contains("\"" + "😀".repeat(80) + "…\"");
  }

  @Test
  void topicsAreAList() {
    assertThat(OfflineTask.TOPICS.answer("queue table model queue"))
        .isEqualTo("queue, table, model");
  }

  @Test
  void anEmptyResultIsNone() {
    assertThat(OfflineTask.TOPICS.answer("!")).isEqualTo("none");
    assertThat(OfflineTask.SUMMARY.answer(" ")).isEqualTo("none");
    assertThat(OfflineTask.HEADLINE.answer("!")).isEqualTo("none");
  }
}
