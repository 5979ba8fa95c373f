package dev.skein.local;

import dev.skein.local.model.OfflineModel;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * The model that the functions call: the API that the user names, else an offline stand-in, or a
 * server that fails as requested.
 *
 * @param stop stops the local server, if there is one
 * @param localUrl its base URL; empty if there is none
 * @param description for the console
 */
record ModelChoice(Runnable stop, Optional<String> localUrl, String description)
    implements AutoCloseable {

  static final String BASE_URL = "OPENAI_BASE_URL";

  private static final String KEY = "OPENAI_API_KEY";

  /**
   * @param shell the user's environment variables
   * @throws dev.skein.local.console.StartupException if a fault is unknown, or the port in use
   */
  static ModelChoice of(Deployment deployment, Map<String, String> shell, LocalSettings settings) {
    if (!settings.modelFaults().isEmpty()) {
      int port = Ports.claim(settings.modelPort(), "MODEL_PORT");
      FaultyModel model = FaultyModel.start(port, settings.modelFaults());
      String description =
          "Replies come from a model that fails on purpose, one fault per request: ";
      return new ModelChoice(
          model::close, Optional.of(url(port)), description + model.faults() + ".");
    }
    if (!shell.getOrDefault(BASE_URL, "").isBlank()) {
      return external("Replies come from " + shell.get(BASE_URL) + ".");
    }
    boolean callsAModel =
        deployment.functions().stream()
            .anyMatch(function -> function.environment().containsKey(BASE_URL));
    if (!shell.getOrDefault(KEY, "").isBlank() || !callsAModel) {
      return external("Replies come from the API that the template names.");
    }
    return offline(Ports.claim(settings.modelPort(), "MODEL_PORT"), settings.modelThinking());
  }

  private static ModelChoice offline(int port, boolean thinking) {
    try {
      OfflineModel model = thinking ? OfflineModel.startThinking(port) : OfflineModel.start(port);
      return new ModelChoice(
          model::close,
          Optional.of(url(port)),
          "Replies come from an offline stand-in ("
              + url(port)
              + "), which is not a language model"
              + (thinking ? " but plays one that thinks" : "")
              + ". To use a real one, set OPENAI_API_KEY, or"
              + " OPENAI_BASE_URL for Ollama, llama.cpp or vLLM, and restart.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ModelChoice external(String description) {
    return new ModelChoice(() -> {}, Optional.empty(), description);
  }

  @Override
  public void close() {
    stop.run();
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/v1";
  }
}
