package dev.skein.llm;

import dev.skein.base.Deadline;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;

/** The client for the OpenAI-compatible API at one base URL. Thread-safe. */
public final class HttpLlmClient implements LlmClient {
  private final HttpClient http;
  private final HttpRequest template;
  private final Collaborators collaborators;
  private final int maxRetries;

  /**
   * A client with the world's clock and chance.
   *
   * @param http shared with whoever else sends; not closed here
   */
  public HttpLlmClient(HttpClient http, LlmConfig config) {
    this(
        http,
        config,
        new Collaborators(
            Timer.daemon(), new RetryRules(RandomGenerator.getDefault()), InstantSource.system()));
  }

  HttpLlmClient(HttpClient http, LlmConfig config, Collaborators collaborators) {
    this.http = http;
    this.template = template(config);
    this.maxRetries = config.maxRetries();
    this.collaborators = collaborators;
  }

  /** What a call needs of the world. */
  record Collaborators(Timer timer, RetryRules rules, InstantSource clock) {}

  @Override
  public CompletableFuture<LlmOutcome> complete(LlmRequest request, Deadline deadline) {
    var message =
        HttpRequest.newBuilder(template, (_, _) -> true)
            .POST(BodyPublishers.ofString(OpenAiFormat.request(request)))
            .build();
    return new LlmCall(() -> send(message), maxRetries, deadline, collaborators).start();
  }

  /**
   * One exchange on the wire. The JDK hands its cancellation on to the stages made of its future,
   * so that cancelling what is returned here closes the connection.
   */
  private CompletableFuture<Attempt> send(HttpRequest message) {
    var begun = new AtomicBoolean();
    return http.sendAsync(
            message,
            head -> {
              begun.set(true);
              return new ReplyBody(head.statusCode(), head.headers());
            })
        .handle(
            (response, failure) ->
                failure == null ? response.body() : failed(failure, begun.get()));
  }

  private static Attempt failed(Throwable failure, boolean begun) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    // A certificate does not get better by asking again.
    return begun
        ? new Attempt.BrokenOff()
        : new Attempt.Unreached(!(cause instanceof SSLException));
  }

  private static HttpRequest template(LlmConfig config) {
    var builder =
        HttpRequest.newBuilder(URI.create(config.baseUrl() + "/chat/completions"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", "skein");
    config.apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    return builder.build();
  }
}
