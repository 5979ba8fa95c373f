package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A refusal in the shape of the OpenAI API.
 *
 * @param status 400 to 499
 * @param param the field at fault, if one is
 */
record ApiError(int status, String message, Optional<String> param, String code)
    implements ParseResult {

  static ApiError of(int status, String code, String message) {
    return new ApiError(status, message, Optional.empty(), code);
  }

  static ApiError field(String name, String message) {
    return new ApiError(400, message, Optional.of(name), "invalid_value");
  }

  ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("error")
        .put("message", message)
        .put("type", "invalid_request_error")
        .put("param", param.orElse(null))
        .put("code", code);
    return root;
  }
}
