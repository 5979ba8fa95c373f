package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Ends a request with an error in the format of the OpenAI API. */
final class ApiException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final @Nullable String param;

  /**
   * @param status 400 to 499
   */
  ApiException(int status, String code, String message) {
    this(status, code, message, null);
  }

  private ApiException(int status, String code, String message, @Nullable String param) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }

  /** The value of a field is invalid. */
  static ApiException field(String name, String message) {
    return new ApiException(400, "invalid_value", message, name);
  }

  int status() {
    return status;
  }

  String json() {
    var root = JsonNodeFactory.instance.objectNode();
    root.putObject("error")
        .put("message", getMessage())
        .put("type", "invalid_request_error")
        .put("param", param)
        .put("code", code);
    return root.toString();
  }
}
