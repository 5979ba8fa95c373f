package dev.skein.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.api.testing.FakeContext;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiFunctionTest {
  private final List<String> lines = new ArrayList<>();
  private final List<ApiRequest> seen = new ArrayList<>();
  private final ApiFunction function =
      new ApiFunction(
          List.of(
              new Route(
                  "POST",
                  "/echo",
                  (request, _) -> {
                    seen.add(request);
                    return ApiResponse.ok(Json.object().put("body", request.body()));
                  }),
              new Route(
                  "POST",
                  "/afterwards",
                  (_, _) ->
                      new ApiResponse(
                          200,
                          Map.of(),
                          new ApiResponse.Text("whole"),
                          () -> lines.add("afterwards"))),
              new Route("GET", "/read", (_, _) -> ApiResponse.ok(Json.object().put("read", true))),
              new Route(
                  "POST",
                  "/bug",
                  (_, _) -> {
                    throw new IllegalStateException("the caller's text");
                  })),
          new Log(InstantSource.system(), lines::add),
          () -> 0L);

  @Test
  void theWorkAfterwardsRunsBeforeTheReturnUnderAwsRuntimeClient() throws Exception {
    var response = serve(event("POST", "/afterwards"));

    assertThat(response.get("body").textValue()).isEqualTo("whole");
    assertThat(lines).hasSize(2).endsWith("afterwards");
    assertThat(lines.getFirst()).contains("\"event\":\"request\"");
  }

  private static ObjectNode event(String method, String path) {
    return ApiCall.event(method, path, "{}");
  }

  private JsonNode serve(String event) throws Exception {
    var response = new ByteArrayOutputStream();
    var bytes = event.getBytes(StandardCharsets.UTF_8);
    function.serve(
        new ByteArrayInputStream(bytes), response, new FakeContext(Duration.ofSeconds(10)));
    return Json.EVENT.parse(ByteBuffer.wrap(response.toByteArray()));
  }

  private JsonNode serve(ObjectNode event) throws Exception {
    return serve(event.toString());
  }

  private static JsonNode bodyOf(JsonNode response) throws Exception {
    return Json.STRICT.parse(response.get("body").textValue());
  }

  @Test
  void aRequestIsDispatchedToItsRoute() throws Exception {
    var response = serve(event("POST", "/echo"));

    assertThat(response.get("statusCode").intValue()).isEqualTo(200);
    assertThat(response.at("/headers/Content-Type").textValue()).isEqualTo("application/json");
    assertThat(response.get("isBase64Encoded").booleanValue()).isFalse();
    assertThat(bodyOf(response)).isEqualTo(Json.object().put("body", "{}"));
  }

  @Test
  void aRouteMatchesBelowAnyPrefix() throws Exception {
    assertThat(serve(event("POST", "/v2/echo")).get("statusCode").intValue()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/echo", "/bug", "/nowhere"})
  void everyLineOfARequestHasTheCallersTrace(String path) throws Exception {
    var event = event("POST", path);
    event.putObject("headers").put("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793");
    serve(event);

    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains(
                        "\"request_id\":\"req-1\"",
                        "\"trace_id\":\"1-5759e988-bd862e3fe1be46a994272793\""));
  }

  @Test
  void aRequestHasTheTracingHeaderOfItsInvocationAndNotThatOfItsCaller() throws Exception {
    var event = event("POST", "/echo");
    event.putObject("headers").put("X-Amzn-Trace-Id", "Root=1-5759e988-000000000000000000000000");
    serve(event);

    assertThat(seen)
        .extracting(ApiRequest::tracingHeader)
        .containsExactly(Optional.of(FakeContext.TRACING_HEADER));
  }

  @Test
  void headersHaveLowerCaseNamesAndRepeatedOnesAreJoined() throws Exception {
    var event = event("POST", "/echo");
    event.putObject("headers").put("Content-TYPE", "b");
    event.putObject("multiValueHeaders").putArray("Content-TYPE").add("a").add("b");
    serve(event);

    assertThat(seen.getFirst().headers()).containsEntry("content-type", "a, b");
    assertThat(seen.getFirst().identity()).isEqualTo("key-1");
  }

  @Test
  void payloadFormatTwoIsReadToo() throws Exception {
    var event = Json.object().put("rawPath", "/echo").put("body", "{}");
    event
        .putObject("requestContext")
        .put("requestId", "r2")
        .putObject("http")
        .put("method", "POST");

    assertThat(serve(event).get("statusCode").intValue()).isEqualTo(200);
  }

  @Test
  void nullHeadersQueryAndBodyCountAsAbsent() throws Exception {
    var event = event("POST", "/echo");
    event.putNull("headers").putNull("multiValueHeaders").putNull("queryStringParameters");
    event.putNull("body");

    assertThat(bodyOf(serve(event)).get("body").textValue()).isEmpty();
  }

  @Test
  void aBodyInBase64IsDecoded() throws Exception {
    var event = event("POST", "/echo").put("body", "w7w=").put("isBase64Encoded", true);

    assertThat(bodyOf(serve(event)).get("body").textValue()).isEqualTo("ü");
  }

  @ParameterizedTest
  @CsvSource({"%%%, The body is not valid base64.", "/w==, The body is not valid UTF-8."})
  void aBodyThatCannotBeDecodedIsMalformed(String body, String detail) throws Exception {
    var response = serve(event("POST", "/echo").put("body", body).put("isBase64Encoded", true));

    assertThat(response.get("statusCode").intValue()).isEqualTo(400);
    assertThat(bodyOf(response).get("detail").textValue()).isEqualTo(detail);
  }

  @Test
  void anUnknownRouteIsAProblemDocument() throws Exception {
    var response = serve(event("POST", "/nowhere"));

    assertThat(response.at("/headers/Content-Type").textValue())
        .isEqualTo("application/problem+json");
    assertThat(bodyOf(response))
        .isEqualTo(
            Json.STRICT.parse(
                """
                {"type": "urn:skein:problem:not-found", "title": "Not found", "status": 404,
                 "detail": "There is no such route.", "instance": "urn:skein:request:req-1"}\
                """));
  }

  @Test
  void anotherMethodIsRefusedWithTheAllowedOne() throws Exception {
    var response = serve(event("GET", "/echo"));

    assertThat(response.get("statusCode").intValue()).isEqualTo(405);
    assertThat(response.at("/headers/Allow").textValue()).isEqualTo("POST");
  }

  @Test
  void aHeadRequestIsAnsweredByTheGetRouteWithoutABody() throws Exception {
    var response = serve(event("HEAD", "/read"));

    assertThat(response.get("statusCode").intValue()).isEqualTo(200);
    assertThat(response.at("/headers/Content-Type").textValue()).isEqualTo("application/json");
    assertThat(response.get("body").textValue()).isEmpty();
    assertThat(lines).singleElement().asString().contains("\"method\":\"HEAD\"");
  }

  @Test
  void headIsAmongTheAllowedMethodsWhereGetIs() throws Exception {
    var response = serve(event("POST", "/read"));

    assertThat(response.at("/headers/Allow").textValue()).isEqualTo("GET, HEAD");
  }

  @Test
  void aPathParameterIsLoggedByItsNameOnly() throws Exception {
    var event = event("POST", "/{proxy+}");
    event.putObject("pathParameters").put("proxy", "echo/");

    assertThat(serve(event).get("statusCode").intValue()).isEqualTo(200);
    assertThat(lines).singleElement().asString().contains("\"path\":\"/echo\"");
  }

  @Test
  void aBugIsA500WithoutDetailsAndItsStackFramesAreLogged() throws Exception {
    var response = serve(event("POST", "/bug"));

    assertThat(response.get("statusCode").intValue()).isEqualTo(500);
    assertThat(response.toString()).doesNotContain("IllegalState", "the caller's text");
    assertThat(String.join("\n", lines))
        .contains("\"event\":\"bug\"", "IllegalStateException", "req-1")
        .doesNotContain("the caller's text");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "[]", "{}", "7", "{\"Records\":[]}", "{\"httpMethod\":1}", "{"})
  void anEventThatIsNotARequestIsA400AndNotABug(String event) throws Exception {
    assertThat(serve(event).get("statusCode").intValue()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /echo, 405, GET, /echo",
    "GET, /secret/echo, 405, GET, /echo",
    "SECRET, /echo, 405, unknown, /echo",
    "POST, /secret, 404, POST, unknown",
  })
  void aRefusedRequestIsLoggedWithAKnownMethodAndItsRoutesPathOnly(
      String method, String path, int status, String loggedMethod, String loggedPath)
      throws Exception {
    serve(event(method, path));

    assertThat(lines)
        .singleElement()
        .asString()
        .contains(
            "\"method\":\"" + loggedMethod + "\",\"path\":\"" + loggedPath + "\"",
            "\"status\":" + status)
        .doesNotContainIgnoringCase("secret");
  }

  @Test
  void aRequestWhoseBodyCannotBeDecodedIsLoggedByItsRouteAndRequestId() throws Exception {
    serve(event("POST", "/echo").put("body", "%%%").put("isBase64Encoded", true));

    assertThat(lines)
        .singleElement()
        .asString()
        .contains("req-1", "\"method\":\"POST\",\"path\":\"/echo\",\"status\":400");
  }

  @Test
  void oneLineLogsEachRequestWithoutWhatTheCallerSent() throws Exception {
    serve(event("POST", "/echo").put("body", "the prompt"));
    serve(event("POST", "/my-secret-path"));

    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst())
        .contains("\"event\":\"request\"", "req-1", "\"path\":\"/echo\"", "\"status\":200")
        .doesNotContain("the prompt");
    assertThat(lines.getLast()).contains("\"status\":404").doesNotContain("secret");
  }
}
