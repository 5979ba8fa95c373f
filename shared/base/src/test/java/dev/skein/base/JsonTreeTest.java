package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees are read and written as databind's own mapper does it. */
class JsonTreeTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final ObjectMapper EXACT =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "\"\"",
        " [ null , true , false , \"a\" , { } , [ ] ] ",
        "{\"a\":{\"b\":[{\"c\":[[[]]]}]},\"\":\"\",\"d\":null}",
        "[0,-0,1,-1,2147483647,2147483648,-2147483648,-2147483649]",
        "[9223372036854775807,9223372036854775808,-9223372036854775809,123456789012345678901234567890]",
        "[0.0,-0.0,0.1,1.10,1.0,1e5,1E+2,1.5e-7,123456789.123456789123456789,5e-324]",
        "[\"\\u0000\\u001f\\n\\t\\\\\\\"/\",\"\\u00e9é漢😀\\ud83d\\ude00\",\"\\u2028\\u007f\"]"
      })
  void aTreeIsReadAndWrittenAsByDatabindsMapper(String document) throws Exception {
    assertSame(Json.STRICT, MAPPER, document);
    assertSame(Json.PASSED, EXACT, document);
    assertSame(Json.PROVIDER, MAPPER, document);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":{\"b\":1},\"a\":[]}", "[1e999]"})
  void aProvidersTreeIsReadAndWrittenAsByDatabindsMapper(String document) throws Exception {
    assertSame(Json.PROVIDER, MAPPER, document);
  }

  private static void assertSame(Json json, ObjectMapper mapper, String document) throws Exception {
    JsonNode tree = json.parse(document);

    assertThat(tree).isEqualTo(mapper.readTree(document));
    String written = mapper.writeValueAsString(tree);
    assertThat(json.writeReadable(tree)).isEqualTo(written);
    assertThat(new String(json.writeUtf8(tree), StandardCharsets.UTF_8)).isEqualTo(written);
    assertThat(mapper.readTree(json.write(tree))).isEqualTo(mapper.readTree(written));
    assertThat(json.write(tree)).matches("\\p{ASCII}*");
  }
}
