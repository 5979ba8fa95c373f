package dev.skein.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.List;
import java.util.Map;

/** What a response to a caller's fault has to be, in the form of its route. */
public final class RefusalOfCaller {
  private static final List<String> OF_A_PARSER =
      List.of("Exception", "jackson", "line:", "Unexpected", "Unrecognized", "java.");

  private RefusalOfCaller() {}

  /**
   * Fails unless this is the response to the fault.
   *
   * @param route where the event goes; its errors are in OpenAI's format below {@code /v1}
   * @param valid the event without the fault
   * @param requestId of the event
   */
  public static void check(
      CallerFuzz.Answer response,
      String route,
      CallerFault fault,
      ObjectNode valid,
      String requestId) {
    // An event that is no request has no route.
    boolean openAi = route.startsWith("/v1/") && !fault.says().startsWith("The event");
    assertThat(response.status())
        .as(response.text())
        .isEqualTo(openAi ? fault.openAiStatus() : fault.status());
    if (openAi) {
      checkError(response, fault);
    } else {
      checkProblem(response, fault, requestId);
    }
    assertThat(response.headers()).containsEntry("X-Request-Id", requestId);
    assertThat(response.headers().values()).allMatch(value -> value.matches("[ -~]+"));
    assertThat(response.headers().containsKey("Allow")).isEqualTo(fault.status() == 405);
    assertThat(response.text()).doesNotContain(OF_A_PARSER).doesNotContain("\ufffd");
    valid.path("headers").properties().forEach(header -> checkNotRepeated(response, header));
    valid
        .path("body")
        .asText("")
        .lines()
        .forEach(line -> assertThat(response.text()).doesNotContain(line));
  }

  private static void checkNotRepeated(
      CallerFuzz.Answer response, Map.Entry<String, JsonNode> header) {
    if (!header.getKey().matches("Accept|Content-Type")) {
      assertThat(response.text()).doesNotContain(header.getValue().textValue());
    }
  }

  private static void checkError(CallerFuzz.Answer response, CallerFault fault) {
    JsonNode document = json(response);
    JsonNode error = document.path("error");
    assertThat(response.headers()).containsEntry("Content-Type", "application/json");
    assertThat(names(document)).containsExactly("error");
    assertThat(names(error)).containsExactly("message", "type", "param", "code");
    assertThat(error.path("type").textValue()).isEqualTo("invalid_request_error");
    assertThat(error.path("code").textValue()).isNotEmpty();
    String field = fault.pointer() == null ? "" : fault.pointer().replaceFirst("/", "");
    String says =
        fault.pointer() == null
            ? fault.says()
            : (field.isEmpty() ? "The body" : field.replace('/', '.')) + " " + fault.says();
    assertThat(error.path("message").textValue()).startsWith(says).endsWith(".");
    assertThat(error.path("param").asText("")).isEqualTo(field.replace('/', '.'));
  }

  private static void checkProblem(
      CallerFuzz.Answer response, CallerFault fault, String requestId) {
    JsonNode problem = json(response);
    assertThat(response.headers()).containsEntry("Content-Type", "application/problem+json");
    assertThat(problem.path("type").textValue()).startsWith("urn:skein:problem:");
    assertThat(problem.path("title").textValue()).isNotEmpty();
    assertThat(problem.path("status").intValue()).isEqualTo(fault.status());
    assertThat(problem.path("instance").textValue()).isEqualTo("urn:skein:request:" + requestId);
    if (fault.pointer() == null) {
      assertThat(problem.path("detail").textValue()).startsWith(fault.says());
      assertThat(names(problem)).containsExactly("type", "title", "status", "detail", "instance");
    } else {
      assertThat(names(problem))
          .containsExactly("type", "title", "status", "detail", "instance", "errors");
      assertThat(problem.path("errors")).as(response.text()).hasSize(1);
      assertThat(problem.at("/errors/0/pointer").textValue()).isEqualTo(fault.pointer());
      assertThat(problem.at("/errors/0/detail").textValue()).startsWith(fault.says());
    }
  }

  private static JsonNode json(CallerFuzz.Answer response) {
    try {
      return Json.PASSED.parse(response.text());
    } catch (MalformedJsonException e) {
      throw new AssertionError(response.text(), e);
    }
  }

  private static List<String> names(JsonNode object) {
    return object.propertyStream().map(Map.Entry::getKey).toList();
  }
}
