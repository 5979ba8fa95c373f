package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.base.Json;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CanonicalJsonTest {

  private static String canonical(String json) throws Exception {
    return CanonicalJson.write(Json.PASSED.parse(json));
  }

  @Test
  void membersAreSortedByUtf16AndWhiteSpaceIsDropped() throws Exception {
    assertThat(
            canonical(
                """
                { "b" : [ 1 , { "d":null, "c":true } ], "a": { }, "B": [ ],
                  "\\ufb33": 1, "\\ud83d\\ude00": 2, "\\u00e9": false }
                """))
        .isEqualTo(
            """
            {"B":[],"a":{},"b":[1,{"c":true,"d":null}],"\\u00E9":false,"\\uD83D\\uDE00":2,"\\uFB33":1}\
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1.0, 1",
    "1.50, 1.5",
    "1e0, 1",
    "10, 10",
    "1E+1, 10",
    "100000000000000000000, 100000000000000000000",
    "1e20, 100000000000000000000",
    "0.0000001, 0.0000001",
    "1e-7, 0.0000001",
    "0, 0",
    "-0, 0",
    "-0.0, 0",
    "0e10, 0",
    "-12.340, -12.34",
    "9007199254740993, 9007199254740993",
    "0.1234567890123456789012345, 0.1234567890123456789012345",
    "12345678901234567890123456789012345678, 12345678901234567890123456789012345678"
  })
  void equalNumbersHaveOneSpelling(String spelling, String expected) throws Exception {
    assertThat(canonical(spelling)).isEqualTo(expected);
  }

  @Test
  void aNumberHasTheSameSpellingWhateverNodeHoldsIt() {
    assertThat(CanonicalJson.write(DoubleNode.valueOf(41.5))).isEqualTo("41.5");
    assertThat(CanonicalJson.write(DecimalNode.valueOf(new BigDecimal("41.50")))).isEqualTo("41.5");
  }

  /** Written out, it would have a billion digits. The table cannot hold such a number. */
  @Test
  void aNumberWithAnAbsurdExponentIsNotWrittenOut() throws Exception {
    assertThat(canonical("1e999999999")).isEqualTo("1E+999999999");
    assertThat(canonical("1e-999999999")).isEqualTo("1E-999999999");
    assertThat(canonical("1e125")).isEqualTo("1" + "0".repeat(125));
    assertThat(canonical("1e-130")).isEqualTo("0." + "0".repeat(129) + "1");
  }

  @Test
  void everyCharacterIsWrittenAsTheStrictWriterWritesIt() {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      var text = TextNode.valueOf("a" + (char) c);
      if (!Character.isSurrogate((char) c)) {
        assertThat(CanonicalJson.write(text)).isEqualTo(Json.STRICT.write(text));
      }
    }
    var pair = TextNode.valueOf("\ud83e\udebf");
    assertThat(CanonicalJson.write(pair)).isEqualTo(Json.STRICT.write(pair));
  }

  @Test
  void theHashIsThatOfTheText() {
    assertThat(CanonicalJson.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
