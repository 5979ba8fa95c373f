package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokensTest {

  @Test
  void wordsNumbersAndMarksAreTokens() {
    assertThat(Tokens.count("Hello, world! It's 3.5 °C 😀")).isEqualTo(13);
    assertThat(Tokens.count(" \n")).isZero();
  }

  @Test
  void aTextIsCutAfterAToken() {
    assertThat(Tokens.first(2, " one, two")).isEqualTo(" one,");
    assertThat(Tokens.first(3, " one, two")).isEqualTo(" one, two");
    assertThat(Tokens.first(3, "one, two  ")).isEqualTo("one, two  ");
    assertThat(Tokens.first(1, "😀😀")).isEqualTo("😀");
  }

  @Test
  void theTokensOfATextJoinToTheText() {
    String text = "\n One,  two–3\n\n";

    assertThat(Tokens.pieces(text)).containsExactly("\n One", ",", "  two", "–", "3", "\n\n");
    assertThat(String.join("", Tokens.pieces(text))).isEqualTo(text);
    assertThat(Tokens.pieces("")).isEmpty();
  }
}
