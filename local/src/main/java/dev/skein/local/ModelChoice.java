package dev.skein.local;

import static java.util.stream.Collectors.joining;

import dev.skein.local.model.OfflineModel;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The model that the functions call: the API that the user names, else an offline stand-in, or a
 * server that fails as requested.
 *
 * @param stop stops the local server, if there is one
 * @param localUrl its base URL; empty if there is none
 * @param description for the console
 * @param check asks the API whether it has the model; completes with a warning, or empty
 */
record ModelChoice(
    Runnable stop,
    Optional<String> localUrl,
    String description,
    Supplier<CompletableFuture<Optional<String>>> check)
    implements AutoCloseable {

  static final String BASE_URL = "OPENAI_BASE_URL";
  static final String EMBEDDING_MODELS = "OPENAI_EMBEDDING_MODELS";
  static final String PRICES_FILE = "PRICES_FILE";

  /** The functions' default, which they alone decide; a test compares the two. */
  static final String DEFAULT_MODEL = "gpt-6-luna";

  private static final String KEY = "OPENAI_API_KEY";
  private static final String MODEL = "OPENAI_MODEL";
  private static final String ALLOWED_MODELS = "OPENAI_ALLOWED_MODELS";
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
      return local(model::close, port, description + model.faults() + ".");
    }
    boolean callsAModel =
        deployment.functions().stream()
            .anyMatch(function -> function.environment().containsKey(BASE_URL));
    if (!callsAModel) {
      return new ModelChoice(
          () -> {}, Optional.empty(), "No function calls a model.", ModelChoice::unchecked);
    }
    String model = value(deployment, shell, MODEL);
    if (isSet(shell, BASE_URL) || isSet(shell, KEY)) {
      String url = value(deployment, shell, BASE_URL);
      var check = new ModelCheck(url, value(deployment, shell, KEY), named(model));
      return new ModelChoice(
          () -> {},
          Optional.empty(),
          replies(url, model) + requests(deployment, shell, model),
          check::start);
    }
    ModelChoice offline =
        offline(Ports.claim(settings.modelPort(), "MODEL_PORT"), settings.modelThinking());
    return new ModelChoice(
        offline.stop(),
        offline.localUrl(),
        offline.description() + requests(deployment, shell, model),
        offline.check());
  }

  /** A relative path begins in the user's folder: each function runs in one of its own. */
  static void resolvePricesFile(Map<String, String> shell) {
    String file = shell.getOrDefault(PRICES_FILE, "").strip();
    if (!file.isEmpty()) {
      shell.put(PRICES_FILE, Path.of(file).toAbsolutePath().toString());
    }
  }

  private static ModelChoice offline(int port, boolean thinking) {
    try {
      OfflineModel model = thinking ? OfflineModel.startThinking(port) : OfflineModel.start(port);
      return local(
          model::close,
          port,
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

  private static ModelChoice local(Runnable stop, int port, String description) {
    return new ModelChoice(stop, Optional.of(url(port)), description, ModelChoice::unchecked);
  }

  private static CompletableFuture<Optional<String>> unchecked() {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  private static String named(String model) {
    return model.isEmpty() ? DEFAULT_MODEL : model;
  }

  /** The only names that requests may contain; any other is a 404. */
  private static String requests(Deployment deployment, Map<String, String> shell, String model) {
    Stream<String> allowed =
        Arrays.stream(value(deployment, shell, ALLOWED_MODELS).split(",", -1)).map(String::strip);
    return " Requests may name "
        + Stream.concat(Stream.of(named(model)), allowed)
            .filter(name -> !name.isEmpty())
            .distinct()
            .collect(joining(", "))
        + ".";
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
    String fromDefault = "Replies come from the default model, " + DEFAULT_MODEL + "," + from;
    return baseUrl.toLowerCase(Locale.ROOT).startsWith(OPENAI)
        ? fromDefault
        : fromDefault
            + " It is one of OpenAI's. Set OPENAI_MODEL to a model of this server, and restart.";
  }

  /** The functions refuse a URL with a password or a query, but later than it is printed here. */
  private static String withoutSecrets(String url) {
    return url.replaceAll("//.*@", "//***@").replaceAll("[?#].*", "");
  }

  @Override
  public void close() {
    stop.run();
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/v1";
  }
}
