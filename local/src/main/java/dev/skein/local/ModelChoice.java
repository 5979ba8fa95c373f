package dev.skein.local;

import dev.skein.local.model.OfflineModel;
import dev.skein.local.parts.Ports;
import dev.skein.local.template.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Who answers the functions' model calls: the API that the person names, else an offline stand-in
 * on this machine.
 *
 * @param offline the stand-in, when it is needed
 * @param told who answers, in words for a person
 */
record ModelChoice(Optional<OfflineModel> offline, String told) implements AutoCloseable {

  static final String BASE_URL = "OPENAI_BASE_URL";

  private static final String KEY = "OPENAI_API_KEY";

  /**
   * @param shell the person's environment variables
   * @param port of the stand-in; 0 takes a free one
   */
  static ModelChoice of(Deployment deployment, Map<String, String> shell, int port) {
    boolean wanted =
        deployment.functions().stream()
            .anyMatch(function -> function.environment().containsKey(BASE_URL));
    if (!shell.getOrDefault(BASE_URL, "").isBlank()) {
      return new ModelChoice(Optional.empty(), "Replies come from " + shell.get(BASE_URL) + ".");
    }
    if (!shell.getOrDefault(KEY, "").isBlank() || !wanted) {
      return new ModelChoice(
          Optional.empty(), "Replies come from the API that the template names.");
    }
    OfflineModel model = start(port);
    return new ModelChoice(
        Optional.of(model),
        "Replies come from an offline stand-in ("
            + url(model)
            + "): no language model, always the same words. For a real one set OPENAI_API_KEY, or"
            + " OPENAI_BASE_URL for Ollama, llama.cpp, vLLM and the like, and start again.");
  }

  /** Where the stand-in answers; empty when it is not needed. */
  Optional<String> offlineUrl() {
    return offline.map(ModelChoice::url);
  }

  @Override
  public void close() {
    offline.ifPresent(OfflineModel::close);
  }

  private static OfflineModel start(int port) {
    try {
      return OfflineModel.start(Ports.claim(port, "MODEL_PORT"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String url(OfflineModel model) {
    return "http://127.0.0.1:" + model.port() + "/v1";
  }
}
