package dev.skein.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks a provider for its list of models once, to warn of a server that does not run, a key that it
 * rejects and a model that it does not have. A provider need not have such a list, nor a key the
 * permission to read it (403), so there is no warning without a clear reason. The key is sent to
 * the base URL only: redirects are not followed.
 *
 * @param key may be empty
 */
record ModelCheck(String baseUrl, String key, String model) {

  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int MAX_NAMES = 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Completes within two seconds, with a warning or empty, and never exceptionally. */
  CompletableFuture<Optional<String>> start() {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .build();
    // The time limit of a request would end with the headers of its response.
    return CompletableFuture.supplyAsync(() -> ask(http), Thread::startVirtualThread)
        .completeOnTimeout(Optional.of(silent()), LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> http.shutdownNow());
  }

  private Optional<String> ask(HttpClient http) {
    try {
      return warning(http.send(request(), BodyHandlers.ofString()));
    } catch (IllegalArgumentException e) {
      // The functions reject such a setting, with a better message.
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(unreachable(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private HttpRequest request() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(baseUrl.replaceAll("/+$", "") + "/models"));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return request.build();
  }

  private Optional<String> warning(HttpResponse<String> response) {
    return switch (response.statusCode()) {
      case 200 -> unlisted(names(response.body()));
      case 401 ->
          Optional.of(
              (key.isEmpty()
                      ? "%s requires an API key (401). Set OPENAI_API_KEY, and restart."
                      : "%s rejects the API key (401). Check OPENAI_API_KEY, and restart.")
                  .formatted(baseUrl));
      default -> Optional.empty();
    };
  }

  private Optional<String> unlisted(List<String> names) {
    return names.isEmpty() || names.stream().anyMatch(this::isTheModel)
        ? Optional.empty()
        : Optional.of(
            "%s does not list the model %s, but %s%s. Set OPENAI_MODEL, and restart."
                .formatted(
                    baseUrl,
                    model,
                    String.join(", ", names.stream().limit(MAX_NAMES).toList()),
                    names.size() > MAX_NAMES ? ", …" : ""));
  }

  /** Ollama adds a tag to a name, and Google a prefix. */
  private boolean isTheModel(String name) {
    return name.equals(model) || name.startsWith(model + ":") || name.endsWith("/" + model);
  }

  private static List<String> names(String body) {
    List<String> names = new ArrayList<>();
    try {
      for (JsonNode entry : JSON.readTree(body).path("data")) {
        names.add(entry.path("id").asText());
      }
    } catch (JsonProcessingException e) {
      // Not a list of models.
    }
    return names;
  }

  private String silent() {
    return "%s did not respond within %d s. Check OPENAI_BASE_URL and that server."
        .formatted(baseUrl, LIMIT.toSeconds());
  }

  private String unreachable(IOException failure) {
    return "%s cannot be reached (%s). Start that server, or set OPENAI_BASE_URL and restart."
        .formatted(baseUrl, failure.getClass().getSimpleName());
  }
}
