package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnicodeTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "ü", "a replacement: \uFFFD", "\uD83D\uDE00 and \u0000"})
  void validUtf8IsDecoded(String text) throws CharacterCodingException {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);

    assertThat(Unicode.decode(bytes, 1, bytes.length - 2)).isEqualTo(text);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] overlong = {'a', (byte) 0xC0, (byte) 0xAF};
    byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};

    assertThatThrownBy(() -> Unicode.decode(overlong, 0, 3))
        .isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> Unicode.decode(surrogate, 0, 3))
        .isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> Unicode.decode(overlong, 0, 2))
        .isInstanceOf(CharacterCodingException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', false",
    "a, false",
    "\uD83D\uDE00\uD83D\uDE00, false",
    "\uD83D, true",
    "a\uDE00, true",
    "\uD83Da, true",
    "\uDE00\uD83D, true",
    "\uD83D\uDE00\uD83D, true"
  })
  void aHalfWithoutItsOtherHalfIsLone(String text, boolean lone) {
    assertThat(Unicode.hasLoneSurrogate(text)).isEqualTo(lone);
  }
}
