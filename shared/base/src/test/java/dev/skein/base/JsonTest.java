package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "{",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "{} {}",
        "[1,]",
        "NaN",
        "{\"a\":Infinity}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "// no\n{}",
        "\uFEFF{}",
        "{\"a\":\"\\ud800\"}",
        "{\"\\udc00\":1}",
        "[\"\\udc00\\ud800\"]",
        "{\"a\":\"tab\there\"}",
        "nul",
      })
  void invalidJsonIsRejected(String text) {
    assertThatThrownBy(() -> Json.STRICT.parse(text)).isInstanceOf(MalformedJsonException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "[]", "null", "0", "\"x\"", "{\"a\":\"\\ud83d\\ude00\"}", "[1e2,-0.5]"})
  void validJsonIsAccepted(String text) throws MalformedJsonException {
    assertThat(Json.STRICT.parse(text)).isNotNull();
  }

  @Test
  void theMessageHasThePositionAndNothingOfTheText() {
    assertThatThrownBy(() -> Json.STRICT.parse("{\"a\": secret}"))
        .hasMessageContaining("line 1, column")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1, \"a\":2} | column 9",
        "[{\"a\":{\"b\":{},\"c\":1,\"b\":1}}] | column 21",
        "{\"a\":1,\"\\u0061\":1} | column 8"
      })
  void aNameThatAnObjectHasTwiceIsReportedWithThePositionOfTheSecond(String text, String column) {
    for (Json json : List.of(Json.STRICT, Json.PASSED, Json.EVENT)) {
      assertThatThrownBy(() -> json.parse(text))
          .hasMessage("has a name twice in one object: line 1, " + column);
    }
  }

  @Test
  void differentObjectsMayHaveTheSameName() throws MalformedJsonException {
    assertThat(Json.STRICT.parse("{\"a\":{\"a\":1},\"A\":[{\"a\":1},{\"a\":2}]}")).isNotNull();
  }

  @Test
  void depthAndLengthHaveLimits() {
    assertThatThrownBy(() -> Json.STRICT.parse("[".repeat(33) + "]".repeat(33)))
        .hasMessageContaining("exceeds a limit");
    assertThatThrownBy(() -> Json.STRICT.parse("\"" + "x".repeat(300_000) + "\""))
        .hasMessageContaining("exceeds a limit");
    assertThatThrownBy(() -> Json.STRICT.parse("1".repeat(101)))
        .hasMessageContaining("exceeds a limit");
  }

  @Test
  void bytesMustBeValidUtf8() {
    var overlong = ByteBuffer.wrap(new byte[] {'"', (byte) 0xC0, (byte) 0xAF, '"'});

    assertThatThrownBy(() -> Json.STRICT.parse(overlong)).hasMessage("is not valid UTF-8");
  }

  @Test
  void aWrittenDocumentIsAsciiAndReadsBackTheSame() throws MalformedJsonException {
    var document = Json.object().put("text", "ü\u0000\uFFFF 😀\n");

    String text = Json.STRICT.write(document);

    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(text)).isTrue();
    assertThat(text).doesNotContain("\n");
    assertThat(Json.STRICT.parse(text)).isEqualTo(document);
  }

  @Test
  void aDocumentInUtf8TakesNoMoreBytesThanItsCharacters() throws MalformedJsonException {
    String text = "{\"ü\":\"漢\\n😀\"}";

    assertThat(Json.STRICT.writeUtf8(Json.STRICT.parse(text)))
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aReadableDocumentKeepsItsCharacters() throws MalformedJsonException {
    var document = Json.object().put("text", "Grüße 😀\n");

    String text = Json.STRICT.writeReadable(document);

    assertThat(text).isEqualTo("{\"text\":\"Grüße 😀\\n\"}");
    assertThat(Json.STRICT.parse(text)).isEqualTo(document);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":2}",
        "\"\\ud83e\"",
        "[1e400,-1e-999999]",
        "\uFEFF {}",
      })
  void aProvidersJsonIsReadAsItsClientsReadIt(String text) throws MalformedJsonException {
    assertThat(Json.PROVIDER.parse(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))))
        .isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{} {}", "[1,]", "NaN", "{'a':1}", "{\"a\":\"tab\there\"}"})
  void whatNoClientReadsIsRejectedFromAProviderToo(String text) {
    assertThatThrownBy(() -> Json.PROVIDER.parse(text)).isInstanceOf(MalformedJsonException.class);
  }

  @Test
  void aProvidersLimitsAreWider() throws MalformedJsonException {
    assertThat(Json.PROVIDER.parse("[".repeat(500) + "]".repeat(500))).isNotNull();
    assertThat(Json.PROVIDER.parse("\"" + "x".repeat(16_000_000) + "\"")).isNotNull();
    assertThat(Json.PROVIDER.parse("1".repeat(9_999))).isNotNull();
    assertThatThrownBy(() -> Json.PROVIDER.parse("[".repeat(5000) + "]".repeat(5000)))
        .hasMessageContaining("exceeds a limit");
  }

  @Test
  void aDocumentThatIsPassedOnMayBeOneStringOfSixMebibytesButNotAMillionTinyValues()
      throws MalformedJsonException {
    assertThat(Json.PASSED.parse("\"" + "x".repeat(6_000_000) + "\"")).isNotNull();
    assertThat(Json.PASSED.parse("[" + "{},".repeat(500_000) + "0]")).isNotNull();
    assertThatThrownBy(() -> Json.PASSED.parse("[" + "{},".repeat(600_000) + "0]"))
        .hasMessageContaining("exceeds a limit");
  }

  @Test
  void aDocumentThatIsPassedOnKeepsItsNumbersAndMayBeDeep() throws MalformedJsonException {
    String document = "[1.50,0.12345678901234567890123,12345678901234567890]";
    String deep = "[".repeat(128) + "]".repeat(128);

    assertThat(Json.PASSED.write(Json.PASSED.parse(document))).isEqualTo(document);
    assertThat(Json.PASSED.write(Json.PASSED.parse(deep))).isEqualTo(deep);
    assertThatThrownBy(() -> Json.PASSED.parse("[" + deep + "]"))
        .hasMessageContaining("exceeds a limit");
  }

  @Test
  void aNumberWithTooLargeAnExponentIsReportedWithItsPosition() throws MalformedJsonException {
    assertThat(Json.PASSED.parse("[1e2147483647]").get(0).isNumber()).isTrue();
    assertThatThrownBy(() -> Json.PASSED.parse("[1e99007199254740993]"))
        .isInstanceOf(MalformedJsonException.class)
        .hasMessage("has a number with too large an exponent: line 1, column 2");
  }
}
