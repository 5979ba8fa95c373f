package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.RefusedException;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Optional;
import java.util.function.Function;

/**
 * The models that a caller may request, in the OpenAI format. Thread-safe.
 *
 * @param retirement when the provider stops serving a model, if that is known
 * @see <a href="https://platform.openai.com/docs/api-reference/models">OpenAI API reference,
 *     Models</a>
 */
record ModelsHandler(ChatConfig config, Function<String, Optional<LocalDate>> retirement) {
  static final String MODELS = "/v1/models";
  static final String MODEL = MODELS + "/{model+}";

  /** {@code GET /v1/models}. */
  ApiResponse list(ApiRequest request, Deadline deadline) {
    var list = Json.object().put("object", "list");
    var data = list.putArray("data");
    config.models().forEach(id -> data.add(model(id)));
    return ApiResponse.ok(list);
  }

  /** {@code GET /v1/models/{model+}}: an ID may contain slashes, and may be percent-encoded. */
  ApiResponse retrieve(ApiRequest request, Deadline deadline) throws RefusedException {
    String path = request.path();
    String id = path.substring(path.indexOf(MODELS) + MODELS.length() + 1);
    if (config.models().contains(id)) {
      return ApiResponse.ok(model(id));
    }
    String decoded = decoded(id).orElse(id);
    config.requireKnown(decoded);
    return ApiResponse.ok(model(decoded));
  }

  private ObjectNode model(String id) {
    ObjectNode model =
        Json.object()
            .put("id", id)
            .put("object", "model")
            // The format demands a time, and clients a number: nobody here knows it.
            .put("created", 0)
            .put("owned_by", "skein");
    if (!config.allowedModels().contains(id)) {
      model.put("skein_api", "embeddings");
    }
    retirement.apply(id).ifPresent(day -> model.put("skein_retires_on", day.toString()));
    return model;
  }

  /** Empty if the text is not valid percent-encoding. */
  private static Optional<String> decoded(String text) {
    try {
      // In a path, unlike in a query, a plus sign is not a space.
      return Optional.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
