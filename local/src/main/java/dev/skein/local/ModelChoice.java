package dev.skein.local;

import dev.skein.local.model.OfflineModel;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
  private static final String MODEL = "OPENAI_MODEL";
  private static final String OPENAI = "https://api.openai.com/";

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
    boolean callsAModel =
        deployment.functions().stream()
            .anyMatch(function -> function.environment().containsKey(BASE_URL));
    if (!callsAModel) {
      return external("No function calls a model.");
    }
    if (isSet(shell, BASE_URL) || isSet(shell, KEY)) {
      return external(replies(value(deployment, shell, BASE_URL), value(deployment, shell, MODEL)));
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

  private static boolean isSet(Map<String, String> shell, String variable) {
    return !shell.getOrDefault(variable, "").isBlank();
  }

  /** The shell's value, or the template's; empty if neither has one. */
  private static String value(Deployment deployment, Map<String, String> shell, String variable) {
    if (isSet(shell, variable)) {
      return shell.getOrDefault(variable, "").strip();
    }
    return deployment.functions().stream()
        .flatMap(
            function ->
                function.environment().get(variable) instanceof Value.Literal(String text)
                    ? Stream.of(text)
                    : Stream.empty())
        .findFirst()
        .orElse("");
  }

  private static String replies(String baseUrl, String model) {
    String from = " at " + withoutSecrets(baseUrl) + ".";
    if (!model.isEmpty()) {
      return "Replies come from " + model + from;
    }
    String fromDefault = "Replies come from the default model" + from;
    return baseUrl.toLowerCase(Locale.ROOT).startsWith(OPENAI)
        ? fromDefault
        : fromDefault
            + " It is one of OpenAI's. Set OPENAI_MODEL to a model of this server, and restart.";
  }

  /** The functions refuse a URL with a password or a query, but later than it is printed here. */
  private static String withoutSecrets(String url) {
    return url.replaceAll("//.*@", "//***@").replaceAll("[?#].*", "");
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
