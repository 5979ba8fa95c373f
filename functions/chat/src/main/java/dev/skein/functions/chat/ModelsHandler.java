package dev.skein.functions.chat;

import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Json;

/**
 * {@code GET /v1/models}: the models that a caller may name, in the OpenAI format. Thread-safe.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/models/list">OpenAI API reference,
 *     List models</a>
 */
record ModelsHandler(ChatConfig config) implements Route.Handler {

  @Override
  public ApiResponse handle(ApiRequest request, Deadline deadline) {
    var list = Json.object().put("object", "list");
    var data = list.putArray("data");
    for (String model : config.allowedModels()) {
      data.addObject()
          .put("id", model)
          .put("object", "model")
          // The format demands a time, and clients a number: nobody here knows it.
          .put("created", 0)
          .put("owned_by", "skein");
    }
    return ApiResponse.ok(list);
  }
}
