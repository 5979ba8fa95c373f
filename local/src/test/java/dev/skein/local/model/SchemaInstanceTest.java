package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SchemaInstanceTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          {}                                                          | "text"
          {"type":"string"}                                           | "text"
          {"type":"string","minLength":6}                             | "textte"
          {"type":"string","maxLength":2}                             | "te"
          {"type":"string","format":"date"}                           | "2026-01-01"
          {"type":"string","format":"uuid"}                           | "00000000-0000-4000-8000-000000000000"
          {"type":"string","enum":["b","a"]}                          | "b"
          {"const":7}                                                 | 7
          {"type":"integer"}                                          | 0
          {"type":"integer","minimum":1.5}                            | 2
          {"type":"integer","exclusiveMinimum":3}                     | 4
          {"type":"integer","maximum":-2}                             | -2
          {"type":"integer","exclusiveMaximum":0}                     | -1
          {"type":"integer","maximum":9}                              | 0
          {"type":"number","minimum":0.5}                             | 0.5
          {"type":"integer","exclusiveMinimum":3,"multipleOf":5}      | 5
          {"type":"integer","maximum":-2,"multipleOf":5}              | -5
          {"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1} | 0.5
          {"type":"number","minimum":0.5,"maximum":0.7}               | 0.5
          {"type":"string","pattern":"^[A-Z]{2}[0-9]+$"}              | "AA0"
          {"type":"string","pattern":"^[A-Z]+$","minLength":3}        | "AAA"
          {"type":"string","pattern":"^(?:calm)-\\\\d{2,3}(x)?$"} | "calm-00"
          {"type":"string","pattern":"^[^a]x$"}                       | "Ax"
          {"type":"string","pattern":"t"}                             | "text"
          {"type":"string","pattern":"(?=no lookahead)"}              | "text"
          {"type":"string","pattern":"(unclosed"}                     | "text"
          {"type":"string","format":"uuid","pattern":"^[0-9a-f-]{36}$"} | "00000000-0000-4000-8000-000000000000"
          {"type":"boolean"}                                          | true
          {"type":"null"}                                             | null
          {"type":["integer","null"]}                                 | 0
          {"type":"array","items":{"type":"integer"}}                 | []
          {"type":"array","items":{"type":"integer"},"minItems":2}    | [0,0]
          {"items":{}}                                                | []
          {"prefixItems":[{"type":"integer"},{"type":"boolean"}]}     | [0,true]
          {"type":"object","required":["a"],"additionalProperties":{"type":"integer"}} | {"a":0}
          {"type":"object","required":["a"]}                          | {"a":"text"}
          {"type":"object"}                                           | {}
          {"properties":{"a":{"type":"null"},"b":{"type":"boolean"}}} | {"a":null,"b":true}
          {"anyOf":[{"type":"integer"},{"type":"null"}]}              | 0
          {"oneOf":[{"type":"boolean"},{"type":"null"}]}              | true
          {"allOf":[{"type":"integer","minimum":3}]}                  | 3
          {"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]} | {"a":"text","b":"text"}
          """)
  void aValueFitsItsSchema(String schema, String value) throws IOException {
    assertThat(SchemaInstance.of(JSON.readTree(schema)).toString()).isEqualTo(value);
  }

  @Test
  void aPatternsFirstAlternativeIsUsed() throws IOException {
    assertThat(instance("{\"type\":\"string\",\"pattern\":\"^(?:calm|wild)!$\"}"))
        .hasToString("\"calm!\"");
  }

  @Test
  void aReferenceLeadsToItsDefinition() throws IOException {
    assertThat(
            instance(
                """
                {"$ref":"#/$defs/Point","$defs":{"Point":{"properties":{"x":{"type":"integer"}}}}}\
                """))
        .hasToString("{\"x\":0}");
  }

  @Test
  void aRecursiveSchemaGetsAFiniteValue() throws IOException {
    assertThat(
            instance(
                """
                {"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","properties":{
                "next":{"anyOf":[{"$ref":"#/$defs/Node"},{"type":"null"}]},
                "children":{"type":"array","items":{"$ref":"#/$defs/Node"}}}}}}\
                """))
        .hasToString("{\"next\":null,\"children\":[]}");
  }

  @Test
  void infiniteValuesAreLeftOut() throws IOException {
    assertThat(instance("{\"properties\":{\"self\":{\"$ref\":\"#\"},\"x\":{}}}"))
        .hasToString("{\"self\":{\"x\":\"text\"},\"x\":\"text\"}");
    assertThat(instance("{\"$ref\":\"#\"}")).hasToString("{}");
    assertThat(instance("{\"$ref\":\"elsewhere.json\"}")).hasToString("{}");
  }

  @Test
  void aSmallSchemaDoesNotProduceAHugeValue() throws IOException {
    var definitions = new StringBuilder("\"d40\":{\"type\":\"null\"}");
    for (int i = 0; i < 40; i++) {
      String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
      definitions.append(",\"d%d\":{\"properties\":{\"a\":%s,\"b\":%s}}".formatted(i, next, next));
    }

    JsonNode value = instance("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + definitions + "}}");

    assertThat(value.toString()).hasSizeLessThan(100_000);
  }

  private static JsonNode instance(String schema) throws IOException {
    return SchemaInstance.of(JSON.readTree(schema));
  }
}
