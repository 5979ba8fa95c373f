package dev.skein.aws;

import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import dev.skein.base.Deadline;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Calls an AWS service that speaks AWS JSON, such as SQS or Secrets Manager: signs with the SDK's
 * signer and sends through the function's own HTTP client, without the SDK's clients, which load a
 * thousand classes. Makes up to three attempts, as the SDK does in its standard retry mode.
 * Thread-safe.
 */
public final class AwsJsonClient {
  private static final int MAX_ATTEMPTS = 3;
  private static final long MAX_RESPONSE_BYTES = 8 << 20;

  private final HttpClient http;
  private final Executor executor;
  private final RequestSigner signer;
  private final ServiceClock clock = new ServiceClock(InstantSource.system());
  private final RandomGenerator random;

  /**
   * A client of one service.
   *
   * @param version of the protocol that the service speaks
   * @param credentials asked before each attempt
   * @param http shared with the function's other clients
   * @param executor starts a thread for each task
   */
  public AwsJsonClient(
      AwsEndpoint endpoint,
      JsonVersion version,
      AwsCredentialsProvider credentials,
      HttpClient http,
      Executor executor) {
    // The JDK's other generators would go on alike in all environments restored from one snapshot.
    this(endpoint, version, credentials, http, executor, new SecureRandom());
  }

  AwsJsonClient(
      AwsEndpoint endpoint,
      JsonVersion version,
      AwsCredentialsProvider credentials,
      HttpClient http,
      Executor executor,
      RandomGenerator random) {
    this.random = random;
    this.http = http;
    this.executor = executor;
    this.signer = new RequestSigner(endpoint, version, credentials);
  }

  /**
   * Calls an operation. Returns at once.
   *
   * @param operation the request's {@code X-Amz-Target}, such as {@code AmazonSQS.SendMessage}
   * @param json the input, in UTF-8; not changed and not copied
   * @param timeout the time limit of all attempts together; each may take half of it
   * @return the last reply. Fails only if there are no credentials
   */
  public CompletableFuture<AwsReply> call(String operation, byte[] json, Duration timeout) {
    return CompletableFuture.supplyAsync(() -> attempts(operation, json, timeout), executor);
  }

  private AwsReply attempts(String operation, byte[] json, Duration timeout) {
    var deadline = Deadline.in(timeout, System::nanoTime);
    for (int attempt = 1; ; attempt++) {
      Instant signedAt = clock.instant();
      AwsReply reply =
          send(
              signer.sign(operation, json, signedAt),
              deadline.atMost(timeout.dividedBy(2)).remaining());
      Optional<Duration> wait =
          reply instanceof ServiceError error && clock.correct(error, signedAt)
              ? Optional.of(Duration.ZERO)
              : RetryBackoff.before(attempt, reply, random.nextDouble());
      if (attempt == MAX_ATTEMPTS || wait.isEmpty() || !deadline.leavesRoomFor(wait.get())) {
        return reply;
      }
      try {
        Thread.sleep(wait.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return reply;
      }
    }
  }

  private AwsReply send(HttpRequest request, Duration limit) {
    if (limit.isZero()) { // fetching credentials took all of it
      return new NoReply(new TimeoutException());
    }
    var exchange =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_RESPONSE_BYTES));
    try {
      return read(exchange.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      // Without this the exchange would run on.
      exchange.cancel(true);
      return new NoReply(e);
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      return new NoReply(e);
    } catch (ExecutionException e) {
      return new NoReply(e.getCause() instanceof Exception cause ? cause : e);
    }
  }

  private static AwsReply read(HttpResponse<String> response) {
    return response.statusCode() / 100 == 2
        ? new Success(
            response.statusCode(), response.body(), AwsErrors.requestId(response.headers()))
        : AwsErrors.read(response);
  }
}
