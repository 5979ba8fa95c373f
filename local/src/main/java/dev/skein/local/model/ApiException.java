package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Ends a request with an error in the format of the OpenAI API. */
final class ApiException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final @Nullable String code;
  private final @Nullable String param;

  /**
   * @param status 400 to 499
   */
  ApiException(int status, String code, String message) {
    this(status, code, message, null);
  }

  /**
   * @param status 400 to 499
   * @param param the request's parameter that is at fault
   */
  ApiException(int status, @Nullable String code, String message, @Nullable String param) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }

  /** The value of a field is invalid. */
  static ApiException field(String name, String message) {
    return new ApiException(400, "invalid_value", message, name);
  }

  /** The model does not support a parameter; another one replaces it. */
  static ApiException unsupportedParameter(String name, String instead) {
    return new ApiException(
        400,
        "unsupported_parameter",
        "Unsupported parameter: this model does not support '%s'. Use '%s' instead."
            .formatted(name, instead),
        name);
  }

  /**
   * The model does not support a parameter's value.
   *
   * @param supported a sentence that says which values it supports
   */
  static ApiException unsupportedValue(String name, JsonNode value, String supported) {
    String shown = value.isTextual() ? "'" + value.textValue() + "'" : value.toString();
    return new ApiException(
        400,
        "unsupported_value",
        "Unsupported value: this model does not support a '%s' of %s. %s"
            .formatted(name, shown, supported),
        name);
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
