package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {

  private static List<String> read(String text, int pieceBytes) throws Exception {
    return read(text.getBytes(StandardCharsets.UTF_8), pieceBytes);
  }

  private static List<String> read(byte[] bytes, int pieceBytes) throws Exception {
    var stream = new SseParser(LlmLimits.MAX_TEXT_REPLY_BYTES);
    var events = new ArrayList<String>();
    for (int from = 0; from < bytes.length; from += pieceBytes) {
      int length = Math.min(pieceBytes, bytes.length - from);
      for (var event : stream.read(ByteBuffer.wrap(bytes, from, length))) {
        events.add(event.name().isEmpty() ? event.data() : event.name() + "|" + event.data());
      }
    }
    return events;
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void everyLineEndAndEverySplitGiveTheSameEvents(String end) throws Exception {
    String text =
        "\uFEFFdata: grüß 😀||: a comment|event: x|id: 7|retry: 5|data:two|data: lines||data||data: last||"
            .replace("|", end);

    for (int piece = 1; piece < 40; piece++) {
      assertThat(read(text, piece)).containsExactly("grüß 😀", "x|two\nlines", "", "last");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: a\n\ndata: b", "data: a\n\ndata: b\n", "data: a\n\ndata: b\r\n"})
  void anEventWhoseBlankLineNeverCameIsTheRest(String stream) throws Exception {
    var parser = new SseParser(100);

    assertThat(parser.read(ByteBuffer.wrap(stream.getBytes(StandardCharsets.UTF_8))))
        .extracting(SseParser.Event::data)
        .containsExactly("a");
    assertThat(parser.rest()).extracting(SseParser.Event::data).containsExactly("b");
    assertThat(parser.rest()).isEmpty();
  }

  @Test
  void onlyTheFirstOfTwoSpacesIsSyntax() throws Exception {
    assertThat(read("data:  a\n\n", 100)).containsExactly(" a");
  }

  @Test
  void aFieldThatOnlyBeginsLikeDataIsAnother() throws Exception {
    assertThat(read("database: a\n\n", 100)).isEmpty();
  }

  @Test
  void aLineThatCannotBeAPartOfAStreamIsAnError() throws Exception {
    assertThat(read("error: {}\n{\"detail\":1}\n<p>\ndata: a\n\n", 100))
        .containsExactly("error|{}", "error|{\"detail\":1}", "error|<p>", "a");
  }

  @Test
  void theNameOfAnEventIsNotThatOfTheNext() throws Exception {
    assertThat(read("event: x\n\ndata: a\n\n", 100)).containsExactly("a");
  }

  @Test
  void bytesThatAreNotUtf8AreAFault() {
    byte[] bytes = "data: x\n\n".getBytes(StandardCharsets.UTF_8);
    bytes[6] = (byte) 0xC0;

    assertThatThrownBy(() -> read(bytes, 3)).isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void anEventLargerThanAnyReplyIsRefusedInOneLineOrInMany() {
    var line = "data: " + "x".repeat(LlmLimits.MAX_TEXT_REPLY_BYTES);
    var lines = ("data: " + "x".repeat(1000) + "\n").repeat(1100);

    assertThatThrownBy(() -> read(line, 8192)).isInstanceOf(SseParser.TooLargeException.class);
    assertThatThrownBy(() -> read(lines, 8192)).isInstanceOf(SseParser.TooLargeException.class);
  }
}
