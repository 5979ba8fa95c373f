package dev.skein.functions.authorizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.FakeContext;
import dev.skein.runtime.ReportedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizerFunctionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KEY = "sk-skein-canary0123456789012345678901234567890ab";
  private static final String API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/api";
  private static final Path TEMPLATE = Path.of("../../template.yaml");

  private final AuthorizerFunction authorizer = new AuthorizerFunction();

  private static ObjectNode event(String header) {
    return JSON.createObjectNode()
        .put("type", "TOKEN")
        .put("authorizationToken", header)
        .put("methodArn", API + "/POST/v1/chat/completions");
  }

  private JsonNode answer(String event) {
    var response = new ByteArrayOutputStream();
    try {
      authorizer.handleRequest(
          new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
          response,
          new FakeContext(Duration.ofSeconds(5)));
      return JSON.readTree(response.toByteArray());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode authorize(String header) {
    return answer(event(header).toString());
  }

  private static JsonNode policy(String key) throws IOException {
    JsonNode policy =
        JSON.readTree(
            """
            {"principalId":"api-key","policyDocument":{"Version":"2012-10-17","Statement":[
             {"Action":"execute-api:Invoke","Effect":"Allow","Resource":"%s/*"}]}}
            """
                .formatted(API));
    return ((ObjectNode) policy).put("usageIdentifierKey", key);
  }

  private void assertUnauthorized(String event) {
    // API Gateway returns 401 only if the error's message is exactly this.
    assertThatThrownBy(() -> answer(event))
        .isExactlyInstanceOf(ReportedException.class)
        .hasMessage("Unauthorized")
        .hasNoCause();
  }

  @Test
  void theHeaderOfOpenAisClientsIsAllowedOnEveryRouteAndNamesItsKey() throws IOException {
    assertThat(authorize("Bearer " + KEY)).isEqualTo(policy(KEY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bearer ", "BEARER ", "bEaReR ", "Bearer    "})
  void theSchemeIsInAnyCaseAndSeveralSpacesMayFollow(String prefix) throws IOException {
    assertThat(authorize(prefix + KEY)).isEqualTo(policy(KEY));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 128})
  void aKeyHasTheLengthThatApiGatewayAllows(int length) throws IOException {
    String key = "k".repeat(length);

    assertThat(authorize("Bearer " + key)).isEqualTo(policy(key));
  }

  @Test
  void everyVisibleCharacterIsPassedOn() throws IOException {
    var visible = new StringBuilder();
    for (char c = '!'; c <= '~'; c++) {
      visible.append(c);
    }

    assertThat(authorize("Bearer " + visible)).isEqualTo(policy(visible.toString()));
  }

  private static Stream<String> headersWithoutAKey() {
    return Stream.of(
        "",
        " ",
        "Bearer",
        "Bearer ",
        KEY,
        "Bearer" + KEY,
        "Bearer\t" + KEY,
        " Bearer " + KEY,
        "Basic " + KEY,
        "Token " + KEY,
        "Digest " + KEY,
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261102/us-east-1/execute-api",
        "Bearer " + "k".repeat(19),
        "Bearer " + "k".repeat(129),
        "Bearer " + "k".repeat(100_000),
        "Bearer " + KEY + " ",
        "Bearer " + KEY + "\r\nX-Injected: 1",
        "Bearer " + KEY + "\0",
        "Bearer " + KEY + "\u007f",
        "Bearer " + KEY + "é",
        "Bearer " + KEY + "\ud83e\udebf",
        "Bearer " + KEY + ", Bearer " + KEY,
        "Bearer " + KEY + ",Bearer " + KEY,
        "Basic dXNlcjpwYXNz, Bearer " + KEY,
        "bearer bearer " + KEY);
  }

  @ParameterizedTest
  @MethodSource("headersWithoutAKey")
  void anyOtherHeaderIsUnauthorized(String header) {
    assertUnauthorized(event(header).toString());
  }

  @ParameterizedTest
  @MethodSource("headersWithoutAKey")
  void apiGatewayRejectsTheSameHeadersWithoutAnInvocation(String header) throws IOException {
    Pattern expression = validationExpression();

    assertThat(expression.matcher("Bearer " + KEY).matches()).isTrue();
    assertThat(expression.matcher("bearer   " + KEY).matches()).isTrue();
    assertThat(expression.matcher(header).matches()).isFalse();
  }

  private static Pattern validationExpression() throws IOException {
    Matcher line =
        Pattern.compile("ValidationExpression: \"([^\"]*)\"").matcher(Files.readString(TEMPLATE));
    assertThat(line.find()).isTrue();
    return Pattern.compile(line.group(1));
  }

  private static List<String> otherEvents() {
    String arn = "\"methodArn\":\"" + API + "/GET/\"";
    String token = "\"authorizationToken\":\"Bearer " + KEY + "\"";
    return List.of(
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{" + arn + "}",
        "{" + token + "}",
        "{" + token + "," + arn,
        "{" + token + ",\"methodArn\":\"not an ARN\"}",
        "{" + token + ",\"methodArn\":\"" + API + "\"}",
        "{" + token + ",\"methodArn\":\"arn:\\\"/api/GET/\"}",
        "{" + arn + ",\"authorizationToken\":\"Bearer " + KEY + "\\ud83e\"}",
        "{" + arn + ",\"authorizationToken\":null}",
        "{" + arn + ",\"authorizationToken\":[\"Bearer " + KEY + "\"]}",
        "{" + arn + ",\"authorizationToken\":{\"authorizationToken\":\"Bearer " + KEY + "\"}}",
        "{" + arn + ",\"authorizationToken\":\"Bearer " + KEY + "\\u12\"}",
        "{" + arn + ",\"authorizationToken\":\"Bearer " + KEY + "\\x\"}");
  }

  @ParameterizedTest
  @MethodSource("otherEvents")
  void anEventWithoutAHeaderAndAMethodIsUnauthorized(String event) {
    assertUnauthorized(event);
  }

  @Test
  void otherMembersAndEscapesAreRead() throws IOException {
    String event =
        """
        { "requestContext" : {"authorizationToken":"Bearer other", "list":[1, {"}":"]"}, "]"]},
          "version":1.0, "flag" : true,
          "authorizationToken": "Bearer \\u0073k-skein-canary01234\\/\\"\\\\",
          "methodArn":"%s\\/GET\\/","none":null}
        """
            .formatted(API);

    assertThat(answer(event)).isEqualTo(policy("sk-skein-canary01234/\"\\"));
  }

  @Test
  void thePolicyOfOneRouteIsThatOfAnother() {
    JsonNode chat = authorize("Bearer " + KEY);
    JsonNode models = answer(event("Bearer " + KEY).put("methodArn", API + "/GET/").toString());

    assertThat(models).isEqualTo(chat);
  }

  @Test
  void randomHeadersAreAllowedWithTheirOwnKeyOrUnauthorized() {
    var random = new Random(1);
    int allowed = 0;
    for (int i = 0; i < 20_000; i++) {
      String header = randomHeader(random);
      try {
        String key = authorize(header).path("usageIdentifierKey").textValue();
        assertThat(header).endsWith(" " + key);
        assertThat(key).matches("[!-~]{20,128}");
        allowed++;
      } catch (ReportedException e) {
        assertThat(e).hasMessage("Unauthorized");
      }
    }
    assertThat(allowed).isBetween(100, 19_900);
  }

  private static String randomHeader(Random random) {
    var header = new StringBuilder(random.nextInt(4) == 0 ? "" : "Bearer ");
    boolean visible = random.nextBoolean();
    for (int length = random.nextInt(160); length > 0; length--) {
      header.append((char) (visible ? '!' + random.nextInt(94) : random.nextInt(0x300)));
    }
    return header.toString();
  }

  @Test
  void theKeyIsOnlyTheUsageIdentifierKey() {
    var answer = (ObjectNode) authorize("Bearer " + KEY);
    answer.remove("usageIdentifierKey");

    assertThat(answer.toString()).doesNotContain(KEY);
    assertThat(TokenEvent.read(event("Bearer " + KEY).toString()).toString()).doesNotContain(KEY);
  }

  @Test
  void theSampleEventIsAllowed() throws IOException {
    String sample = Files.readString(Path.of("../../events/authorizer.json"));

    assertThat(answer(sample).path("usageIdentifierKey").textValue()).startsWith("sk-skein-");
  }
}
