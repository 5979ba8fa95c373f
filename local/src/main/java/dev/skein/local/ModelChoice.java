package dev.skein.local;

import dev.skein.local.console.StartupException;
import dev.skein.local.model.OfflineModel;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Who answers the functions' model calls: the API that the person names, else an offline stand-in
 * on this machine, or one that fails as the person asked.
 *
 * @param stop ends the one on this machine, when there is one
 * @param localUrl its base URL; empty when there is none
 * @param told who answers, in words for a person
 */
record ModelChoice(Runnable stop, Optional<String> localUrl, String told) implements AutoCloseable {

  static final String BASE_URL = "OPENAI_BASE_URL";

  private static final String KEY = "OPENAI_API_KEY";

  /**
   * @param shell the person's environment variables
   * @param settings of the stand-in: its port, where 0 takes a free one, and its faults
   * @throws StartupException when a fault is unknown, or the port taken
   */
  static ModelChoice of(Deployment deployment, Map<String, String> shell, LocalSettings settings) {
    if (!settings.modelFaults().isEmpty()) {
      var model =
          FaultyModel.start(
              Ports.claim(settings.modelPort(), "MODEL_PORT"), settings.modelFaults());
      return onThisMachine(
          model::close,
          model.port(),
          "Replies come from a model that fails on purpose, each request in its turn by: "
              + model.told()
              + ".");
    }
    boolean wanted =
        deployment.functions().stream()
            .anyMatch(function -> function.environment().containsKey(BASE_URL));
    if (!shell.getOrDefault(BASE_URL, "").isBlank()) {
      return elsewhere("Replies come from " + shell.get(BASE_URL) + ".");
    }
    if (!shell.getOrDefault(KEY, "").isBlank() || !wanted) {
      return elsewhere("Replies come from the API that the template names.");
    }
    OfflineModel model = start(settings.modelPort());
    return onThisMachine(
        model::close,
        model.port(),
        "Replies come from an offline stand-in ("
            + url(model.port())
            + "): no language model, always the same words. For a real one set OPENAI_API_KEY, or"
            + " OPENAI_BASE_URL for Ollama, llama.cpp, vLLM and the like, and start again.");
  }

  private static ModelChoice elsewhere(String told) {
    return new ModelChoice(() -> {}, Optional.empty(), told);
  }

  private static ModelChoice onThisMachine(Runnable stop, int port, String told) {
    return new ModelChoice(stop, Optional.of(url(port)), told);
  }

  @Override
  public void close() {
    stop.run();
  }

  private static OfflineModel start(int port) {
    try {
      return OfflineModel.start(Ports.claim(port, "MODEL_PORT"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/v1";
  }
}
