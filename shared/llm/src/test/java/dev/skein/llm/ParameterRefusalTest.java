package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.ModelProfile.Setting;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The forms in which providers refuse a parameter, each met in a public report. */
class ParameterRefusalTest {
  private static final List<Message> HELLO = List.of(new Message(Role.USER, "Hello"));
  private static final ModelProfile THINKS =
      new ModelProfile(Map.of(Setting.THINKS, "true", Setting.REASONING_EFFORT, "none"));
  private static final ModelProfile DEVELOPER = ModelProfile.of(Setting.SYSTEM_ROLE, "developer");
  private static final ModelProfile CURRENT_NAME =
      ModelProfile.of(Setting.TOKEN_LIMIT, "max_completion_tokens");

  private static RequestBody body(ModelProfile profile) {
    return body(Defaults.of(0, 4096), profile);
  }

  private static RequestBody body(Defaults defaults, ModelProfile profile) {
    var system = new Message(Role.SYSTEM, "Be brief.");
    var request = new LlmRequest("m", List.of(system, HELLO.getFirst()), defaults);
    return RequestBody.of(request, "m", profile, true, 2048);
  }

  private static Optional<ModelProfile> change(int status, String answer, RequestBody body) {
    var headers = HttpHeaders.of(Map.of(), (_, _) -> true);
    var bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
    return ParameterRefusal.change(new Answered(status, headers, bytes), body);
  }

  private static Arguments renamed(int status, String answer) {
    return arguments(status, answer, ModelProfile.UNKNOWN, "token_limit", "max_completion_tokens");
  }

  private static Arguments renamedBack(int status, String answer) {
    return arguments(status, answer, CURRENT_NAME, "token_limit", "max_tokens");
  }

  private static Arguments unlimited(int status, String answer) {
    return arguments(status, answer, ModelProfile.UNKNOWN, "default_token_limit", "false");
  }

  private static Arguments withoutTemperature(int status, String answer) {
    return arguments(status, answer, ModelProfile.UNKNOWN, "temperature", "rejected");
  }

  private static Arguments withoutStreamOptions(int status, String answer) {
    return arguments(status, answer, ModelProfile.UNKNOWN, "stream_options", "false");
  }

  static Stream<Arguments> tokenLimits() {
    return Stream.of(
        // OpenAI and Azure
        renamed(
            400,
            """
            {"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use \
            'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens",\
            "code":"unsupported_parameter"}}\
            """),
        // GitHub Copilot: neither param nor type
        renamed(
            400,
            """
            {"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use \
            'max_completion_tokens' instead.","code":"invalid_request_body"}}\
            """),
        // a gateway: the provider's error as a string in its own
        renamed(
            400,
            """
            {"error":{"message":"[openai/gpt-5.4] [400]: {\\"error\\": {\\"message\\": \\"Unsupported parameter: \
            'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.\\", \
            \\"param\\": \\"max_tokens\\"}} (reset after 30s)"}}\
            """),
        // Azure with an old API version
        renamedBack(
            400,
            """
            {"error":{"message":"Unrecognized request argument supplied: max_completion_tokens",\
            "type":"invalid_request_error","param":null,"code":null}}\
            """),
        // Mistral
        renamedBack(
            422,
            """
            {"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],\
            "msg":"Extra inputs are not permitted","input":4096}]},"type":"invalid_request_error","param":null}\
            """),
        // vLLM
        renamedBack(
            400,
            """
            {"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), \
            'msg': 'Extra inputs are not permitted', 'input': 4096}]","type":"BadRequestError","code":400}\
            """),
        // Gemini: an array
        renamedBack(
            400,
            """
            [{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"max_completion_tokens\\": \
            Cannot find field.","status":"INVALID_ARGUMENT"}}]\
            """),
        // Groq
        renamedBack(
            400,
            """
            {"error":{"message":"property 'max_completion_tokens' is unsupported, did you mean 'max_tokens'?",\
            "type":"invalid_request_error"}}\
            """),
        // The value is refused, not the name: OpenAI, DeepSeek, Groq, vLLM twice
        unlimited(
            400,
            """
            {"error":{"message":"max_tokens is too large: 4096. This model supports at most 2048 completion tokens, \
            whereas you provided 4096.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}\
            """),
        unlimited(
            400,
            """
            {"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 2048]",\
            "type":"invalid_request_error","param":null,"code":"invalid_request_error"}}\
            """),
        unlimited(
            400,
            """
            {"error":{"message":"max_tokens for `llama-3.1-8b-instant` must be less than or equal to 2000",\
            "type":"invalid_request_error"}}\
            """),
        unlimited(
            400,
            """
            {"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum \
            context length is 2048 tokens and your request has 57 input tokens (4096 > 2048 - 57).",\
            "type":"BadRequestError","param":null,"code":400}}\
            """),
        unlimited(
            400,
            """
            {"object":"error","message":"This model's maximum context length is 2048 tokens. However, you requested \
            4126 tokens (30 in the messages, 4096 in the completion). Please reduce the length of the messages or \
            completion.","type":"BadRequestError","param":null,"code":400}\
            """));
  }

  static Stream<Arguments> otherParameters() {
    return Stream.of(
        // OpenAI, value and parameter
        withoutTemperature(
            400,
            """
            {"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the \
            default (1) value is supported.","type":"invalid_request_error","param":"temperature",\
            "code":"unsupported_value"}}\
            """),
        withoutTemperature(
            400,
            """
            {"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.",\
            "type":"invalid_request_error","param":"temperature","code":"unsupported_parameter"}}\
            """),
        // Anthropic, and the same through two gateways
        withoutTemperature(
            400,
            """
            {"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this \
            model."},"request_id":"zzzzz"}\
            """),
        withoutTemperature(400, "{\"message\":\"temperature is deprecated for this model.\"}"),
        withoutTemperature(
            400,
            """
            {"message":"The model returned the following errors: {\\"type\\":\\"error\\",\\"error\\":{\\"message\\":\
            \\"`temperature` is deprecated for this model.\\"}}"}\
            """),
        // Moonshot
        withoutTemperature(
            400,
            """
            {"error":{"message":"invalid temperature: only 1 is allowed for this model",\
            "type":"invalid_request_error"}}\
            """),
        withoutStreamOptions(
            422,
            """
            {"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],\
            "msg":"Extra inputs are not permitted","input":true}]}\
            """),
        withoutStreamOptions(
            400,
            """
            [{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"stream_options\\": \
            Cannot find field.","status":"INVALID_ARGUMENT"}}]\
            """),
        // Cerebras
        withoutStreamOptions(422, ""),
        // DeepSeek: the body is not JSON
        arguments(
            422,
            "Failed to deserialize the JSON body into the target type: messages[0].role: unknown"
                + " variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at"
                + " line 5 column 25",
            DEVELOPER,
            "system_role",
            "system"));
  }

  private static Arguments effort(String answer, String least) {
    return arguments(answer, least);
  }

  static Stream<Arguments> efforts() {
    return Stream.of(
        effort(
            """
            {"error":{"message":"Unsupported value: 'reasoning_effort' does not support 'none' with this model. \
            Supported values are: 'minimal', 'low', 'medium', and 'high'.","param":"reasoning_effort",\
            "code":"unsupported_value"}}\
            """,
            "minimal"),
        effort(
            """
            {"error":{"message":"Unsupported value: 'none' is not supported with the 'x' model. Supported values \
            are: 'low', 'medium', and 'high'.","param":"reasoning.effort","code":"unsupported_value"}}\
            """,
            "low"),
        effort(
            """
            {"error":{"message":"Unrecognized request argument supplied: reasoning_effort",\
            "type":"invalid_request_error","param":null,"code":null}}\
            """,
            ""),
        // xAI
        effort(
            """
            {"code":"invalid-argument","error":"Model grok-4 does not support parameter reasoningEffort."}\
            """,
            ""),
        // Ollama
        effort(
            """
            {"error":{"message":"invalid reasoning value: 'none' (must be \\"high\\", \\"medium\\", \\"low\\")",\
            "type":"invalid_request_error","param":null,"code":null}}\
            """,
            "low"),
        effort(
            """
            {"error":{"message":"\\"llama3.1:8b\\" does not support thinking","type":"invalid_request_error"}}\
            """,
            ""),
        // Gemini
        effort(
            """
            [{"error":{"code":400,"message":"Budget 0 is invalid. This model only works in thinking mode.",\
            "status":"INVALID_ARGUMENT"}}]\
            """,
            ""),
        // OpenRouter
        effort(
            """
            {"error":{"message":"Reasoning is mandatory for this endpoint and cannot be disabled.","code":400}}\
            """,
            ""));
  }

  @ParameterizedTest
  @MethodSource({"tokenLimits", "otherParameters"})
  void aParameterThatSkeinAddedIsChanged(
      int status, String answer, ModelProfile known, String setting, String value) {
    assertThat(change(status, answer, body(known)).orElseThrow().values())
        .hasSize(1)
        .allSatisfy(
            (changed, to) -> {
              assertThat(changed.jsonName()).isEqualTo(setting);
              assertThat(to).isEqualTo(value);
            });
  }

  @ParameterizedTest
  @MethodSource("efforts")
  void theLeastEffortIsTheFirstThatTheModelNames(String answer, String value) {
    var change = change(400, answer, body(Defaults.shortAnswer(5), THINKS));

    assertThat(change).contains(ModelProfile.of(Setting.REASONING_EFFORT, value));
  }

  @Test
  void aShortAnswersLimitThatIsTooSmallIsRaised() {
    String tooSmall =
        """
        {"error":{"code":"400","type":"invalid_params","message":"Invalid 'max_output_tokens': integer below \
        minimum value. Expected a value >= 16, but got 5 instead."}}\
        """;
    String usedUp =
        """
        {"error":{"message":"Could not finish the message because max_tokens or model output limit was reached. \
        Please try again with higher max_tokens.","type":"invalid_request_error"}}\
        """;
    var body = body(Defaults.shortAnswer(5), ModelProfile.UNKNOWN);

    assertThat(change(400, tooSmall, body))
        .contains(ModelProfile.of(Setting.MIN_TOKEN_LIMIT, "16"));
    assertThat(change(400, usedUp, body)).contains(ModelProfile.of(Setting.THINKS, "true"));
    assertThat(change(400, usedUp, body(Defaults.shortAnswer(5), CURRENT_NAME)))
        .contains(ModelProfile.of(Setting.THINKS, "true"));
  }

  static Stream<String> callersOwn() {
    return Stream.of(
        """
        {"error":{"message":"Unsupported value: 'temperature' does not support 0.3","param":"temperature"}}\
        """,
        """
        {"error":{"message":"max_tokens is too large: 9999. This model supports at most 2048","param":"max_tokens"}}\
        """,
        """
        {"error":{"message":"Invalid schema; see max_tokens and temperature","param":"response_format"}}\
        """,
        """
        {"error":{"message":"stream_options.include_usage is not supported","param":"stream_options"}}\
        """,
        """
        {"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in \
        9000 tokens.","param":"messages","code":"context_length_exceeded"}}\
        """);
  }

  @ParameterizedTest
  @MethodSource("callersOwn")
  void whatTheCallerChoseIsTheCallersError(String answer) throws Exception {
    var fields =
        (ObjectNode)
            Json.STRICT.parse(
                """
                {"messages":[{"role":"user","content":"Hello"}],"temperature":0.3,"max_tokens":9999,\
                "stream_options":{"include_usage":true},"response_format":{}}\
                """);
    var request =
        LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m", fields, Defaults.maxTokens(4096));

    assertThat(change(400, answer, RequestBody.of(request, "m", ModelProfile.UNKNOWN, true, 0)))
        .isEmpty();
  }

  static Stream<String> echoes() {
    String echo =
        "'input': {'max_tokens': 4096, 'temperature': 0.0, 'stream_options': {}, 'x':"
            + " 'unsupported'}";
    return Stream.of(
        // FastAPI, and vLLM, which prints the same list
        """
        {"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required",%s}]}\
        """
            .formatted(echo.replace('\'', '"')),
        """
        {"error":{"message":"[{'type': 'missing', 'loc': ('body', 'messages', 1, 'content'), \
        'msg': 'Field required', %s}]","type":"Bad Request","param":null,"code":400}}\
        """
            .formatted(echo),
        """
        {"error":{"message":"Invalid 'messages[1].content': how does temperature matter? is not supported",\
        "param":"messages[1].content"}}\
        """);
  }

  @ParameterizedTest
  @MethodSource("echoes")
  void whatAnErrorEchoesIsNotWhatItRefuses(String answer) {
    assertThat(change(422, answer, body(ModelProfile.UNKNOWN))).isEmpty();
  }

  @Test
  void evenTheCallersTokenLimitIsRenamed() throws Exception {
    var request = new LlmRequest("m", HELLO, Defaults.of(0, 7)).withMaxTokens(5);
    var body = RequestBody.of(request, "m", ModelProfile.UNKNOWN, false, 0);

    assertThat(
            change(
                400,
                """
                {"error":{"message":"Unsupported parameter: 'max_tokens'","param":"max_tokens"}}\
                """,
                body))
        .contains(ModelProfile.of(Setting.TOKEN_LIMIT, "max_completion_tokens"));
  }

  @Test
  void otherStatusesAreNotRead() {
    assertThat(change(500, "max_tokens is not supported", body(ModelProfile.UNKNOWN))).isEmpty();
    assertThat(change(404, "max_tokens is not supported", body(ModelProfile.UNKNOWN))).isEmpty();
  }
}
