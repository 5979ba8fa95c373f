package dev.skein.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skein.api.Problem.FieldError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {

  private static ApiRequest request(String body, Map<String, String> headers) {
    return new ApiRequest("POST", "/x", headers, Map.of(), body, "r", "local", ErrorFormat.PROBLEM);
  }

  private static JsonBody body(String json) throws RefusedException {
    return JsonBody.of(request(json, Map.of()));
  }

  @FunctionalInterface
  private interface Reading {
    void run() throws RefusedException;
  }

  private static Problem refused(Reading reading) {
    return catchThrowableOfType(RefusedException.class, reading::run).problem();
  }

  private static List<FieldError> errorsOf(Reading reading) {
    Problem problem = refused(reading);
    assertThat(problem.status()).isEqualTo(422);
    return problem.errors();
  }

  @Test
  void aByteOrderMarkIsIgnored() throws RefusedException {
    assertThat(body("\uFEFF{\"message\":\"Hello\"}").text("message", 10)).isEqualTo("Hello");
  }

  @Test
  void everyInvalidFieldIsReportedAtOnceWithItsPointer() {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"message\":7,\"t\":\"0.5\",\"n\":1.5,\"c\":\"z\",\"x/y~\":1}");
              body.text("message", 10);
              body.text("other", 10);
              body.number("t", 0, 0, 2);
              body.integer("n", 0, 0, 9);
              body.choice("c", "a", List.of("a", "b"));
              body.check();
            });

    assertThat(errors)
        .containsExactly(
            new FieldError("/message", "must be a string of 1 to 10 characters and not blank"),
            new FieldError("/other", "is missing"),
            new FieldError("/t", "must be a number from 0 to 2"),
            new FieldError("/n", "must be an integer from 0 to 9"),
            new FieldError("/c", "must be one of: a, b"),
            new FieldError("/x~1y~0", "is not a field of this route"));
  }

  @Test
  void aNumberBeyondItsBoundsIsNamedBesideThem() {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"max\":64000,\"n\":2,\"huge\":123456789012345678901234567890}");
              body.integer("max", 1, 1, 32_000);
              body.integer("n", 1, 1, 1);
              body.integer("huge", 1, 1, 9);
              body.check();
            });

    assertThat(errors)
        .containsExactly(
            new FieldError("/max", "must be an integer from 1 to 32000, but is 64000"),
            new FieldError("/n", "must be 1, but is 2"),
            new FieldError("/huge", "must be an integer from 1 to 9"));
  }

  @Test
  void validFieldsAreRead() throws RefusedException {
    var body =
        body("{\"m\":\"😀😀\",\"t\":2,\"n\":9,\"c\":\"b\",\"l\":[\"a\",\"b\"],\"user_id\":null}");

    assertThat(body.text("m", 2)).isEqualTo("😀😀");
    assertThat(body.number("t", 0, 0, 2)).isEqualTo(2);
    assertThat(body.integer("n", 0, 0, 9)).isEqualTo(9);
    assertThat(body.choice("c", "a", List.of("a", "b"))).isEqualTo("b");
    assertThat(body.texts("l", 2, 1)).containsExactly("a", "b");
    assertThat(body.userId()).isEqualTo("anonymous");
    body.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "2.0001", "1e999", "-1e999", "\"NaN\"", "true", "[1]", "{}"})
  void aNumberOutsideItsRangeIsInvalidHoweverItIsWritten(String value) {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"t\":" + value + "}");
              body.number("t", 0, 0, 2);
              body.check();
            });

    assertThat(errors).extracting(FieldError::pointer).containsExactly("/t");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.0", "1e2", "99999999999999999999", "\"3\"", "-1"})
  void anythingButAnIntegerInItsRangeIsInvalid(String value) {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"n\":" + value + "}");
              body.integer("n", 0, 0, 9);
              body.check();
            });

    assertThat(errors).extracting(FieldError::pointer).containsExactly("/n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "\" \\n\"", "null", "\"abcd\"", "1", "[]"})
  void aStringOutsideItsBoundsIsInvalid(String value) {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"m\":" + value + "}");
              body.text("m", 3);
              body.check();
            });

    assertThat(errors).extracting(FieldError::pointer).containsExactly("/m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[\"a\",\"a\",\"a\"]", "null", "\"a\"", "{}"})
  void anArrayOutsideItsBoundsIsInvalid(String value) {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"l\":" + value + "}");
              body.texts("l", 2, 3);
              body.check();
            });

    assertThat(errors).containsExactly(new FieldError("/l", "must be an array of 1 to 2 strings"));
  }

  @Test
  void anInvalidItemIsReportedWithItsPointer() {
    var errors =
        errorsOf(
            () -> {
              var body = body("{\"l\":[\"a\",null]}");
              body.texts("l", 2, 3);
              body.check();
            });

    assertThat(errors).extracting(FieldError::pointer).containsExactly("/l/1");
  }

  @Test
  void atMostTwentyErrorsAreReported() {
    var json = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 1000; i++) {
      json.append(",\"f").append(i).append("\":1");
    }

    assertThat(errorsOf(() -> body(json.append('}').toString()).check())).hasSize(20);
  }

  @Test
  void aLongFieldNameIsAbbreviated() {
    var errors = errorsOf(() -> body("{\"" + "n".repeat(500) + "\":1}").check());

    assertThat(errors.getFirst().pointer()).hasSizeLessThan(80);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"x\"", "null", "true"})
  void aBodyThatIsNotAnObjectIsInvalid(String json) {
    assertThat(errorsOf(() -> body(json)))
        .containsExactly(new FieldError("", "must be a JSON object"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"a\":1,\"a\":2}", "{} x", "{\"a\":NaN}"})
  void aBodyThatIsNotJsonIsMalformed(String json) {
    Problem problem = refused(() -> body(json));

    assertThat(problem.status()).isEqualTo(400);
    assertThat(problem.name()).isEqualTo("malformed-request");
  }

  @Test
  void aBodyOverTheSizeLimitIsTooLarge() throws RefusedException {
    String fits = "{\"a\":\"" + "x".repeat(200_000) + "\",\"b\":\"" + "ü".repeat(200_000) + "\"}";
    assertThat(body(fits)).isNotNull();

    // Over a megabyte in bytes, though not in characters.
    String over = "{\"a\":\"" + "ü".repeat(600_000) + "\"}";
    var problem = refused(() -> body(over));
    assertThat(problem.status()).isEqualTo(413);
    assertThat(problem.detail())
        .isEqualTo("The body has 1200008 bytes, and this route accepts at most 1048576.");
  }

  @Test
  void aBodyThatIsPassedOnMayFillTheLargestEvent() throws RefusedException {
    String image = "x".repeat(JsonBody.MAX_PASSED_BYTES - 100);
    assertThat(passed("{\"a\":\"" + image + "\"}").passed().path("a").textValue()).isEqualTo(image);

    assertThat(refused(() -> passed("{\"a\":\"" + "ü".repeat(3_200_000) + "\"}")).detail())
        .isEqualTo("The body has 6400008 bytes, and this route accepts at most 6291456.");
  }

  private static JsonBody passed(String json) throws RefusedException {
    return JsonBody.ofPassed(request(json, Map.of()));
  }

  @Test
  void aBodyOfTooManyTinyValuesIsRefused() {
    var problem = refused(() -> passed("{\"a\":[" + "0,".repeat(1_100_000) + "0]}"));

    assertThat(problem.status()).isEqualTo(400);
    assertThat(problem.detail()).contains("1048576 tokens");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
        "",
        "application/jsonx"
      })
  void anotherContentTypeIsRefused(String type) {
    var problem = refused(() -> JsonBody.of(request("{}", Map.of("content-type", type))));

    assertThat(problem.status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "APPLICATION/JSON; charset=utf-8"})
  void theJsonContentTypeIsAcceptedInAnySpelling(String type) throws RefusedException {
    assertThat(JsonBody.of(request("{}", Map.of("content-type", type)))).isNotNull();
  }

  @Test
  void aCompressedBodyIsRefused() {
    var problem = refused(() -> JsonBody.of(request("{}", Map.of("content-encoding", "gzip"))));

    assertThat(problem.status()).isEqualTo(415);
  }
}
