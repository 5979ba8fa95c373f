package dev.skein.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The format of a route's error responses. */
public enum ErrorFormat {
  /** A problem document (RFC 9457). */
  PROBLEM("application/problem+json") {
    @Override
    public int status(Problem problem) {
      return problem.status();
    }

    @Override
    public ObjectNode document(Problem problem, String requestId, Optional<String> auditId) {
      return problem.toJson(requestId, auditId);
    }
  },

  /**
   * An error object as the clients of the OpenAI API read it.
   *
   * @see <a href="https://platform.openai.com/docs/guides/error-codes">OpenAI API, Error codes</a>
   */
  OPENAI("application/json") {
    @Override
    public int status(Problem problem) {
      // OpenAI's API has no 422: a request that it cannot process is a bad request.
      return problem.status() == 422 ? 400 : problem.status();
    }

    @Override
    public ObjectNode document(Problem problem, String requestId, Optional<String> auditId) {
      ObjectNode document = Json.object();
      document
          .putObject("error")
          .put("message", message(problem))
          .put("type", type(problem.status()))
          .put("param", param(problem).orElse(null))
          .put("code", problem.upstream().code().orElse(problem.name().replace('-', '_')));
      return document;
    }
  };

  private final String contentType;

  ErrorFormat(String contentType) {
    this.contentType = contentType;
  }

  /** The status of the response. */
  public abstract int status(Problem problem);

  /**
   * The problem's document.
   *
   * @param auditId the ID of the request's audit record, if it called a model
   */
  public abstract ObjectNode document(Problem problem, String requestId, Optional<String> auditId);

  /** The response to a request that met a problem. */
  public ApiResponse response(Problem problem, String requestId, Optional<String> auditId) {
    Map<String, String> headers = new HashMap<>(problem.headers());
    headers.put("Content-Type", contentType);
    String document = Json.STRICT.writeReadable(document(problem, requestId, auditId));
    return new ApiResponse(status(problem), headers, document);
  }

  private static String message(Problem problem) {
    var message = new StringBuilder(problem.errors().isEmpty() ? problem.detail() : "");
    for (var error : problem.errors()) {
      message
          .append(message.isEmpty() ? "" : " ")
          .append(error.pointer().isEmpty() ? "The body" : name(error.pointer()))
          .append(' ')
          .append(error.detail())
          .append('.');
    }
    return message.toString();
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }

  private static Optional<String> param(Problem problem) {
    return problem.errors().stream()
        .map(error -> name(error.pointer()))
        .filter(name -> !name.isEmpty())
        .findFirst()
        .or(problem.upstream()::param);
  }

  /** A pointer as OpenAI's API names a field: {@code messages.0} for {@code /messages/0}. */
  private static String name(String pointer) {
    return pointer.isEmpty() ? "" : pointer.substring(1).replace('/', '.');
  }
}
