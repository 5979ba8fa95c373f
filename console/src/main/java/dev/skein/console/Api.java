package dev.skein.console;

import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;

/**
 * The deployed API: sends it the page's requests, reads of the trail with the operator's signature
 * and the others with an API key. Thread-safe.
 */
final class Api implements AutoCloseable {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /** Beyond API Gateway's longest time limit, of 15 minutes. */
  private static final Duration RESPONSE_LIMIT = Duration.ofMinutes(16);

  /** What the page says about its request that concerns the API. */
  private static final List<String> PASSED_ON = List.of("Accept", "Content-Type");

  /** Set by the JDK's client itself. */
  private static final Set<String> RESTRICTED = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    RESTRICTED.addAll(List.of("Host", "Content-Length"));
  }

  private final ConsoleSettings settings;
  private final IdentityProvider<? extends AwsCredentialsIdentity> credentials;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  /**
   * @param credentials the operator's; resolved for each read, because they expire
   */
  Api(ConsoleSettings settings, IdentityProvider<? extends AwsCredentialsIdentity> credentials) {
    this.settings = settings;
    this.credentials = credentials;
  }

  /** The URL for the path of a request; empty if the request's query is no query of a URL. */
  Optional<URI> url(IncomingRequest request) {
    try {
      return Optional.of(new URI(settings.api() + request.path()));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /**
   * Forwards a request to {@link #url}; returns when the head of the response has arrived.
   *
   * @throws software.amazon.awssdk.core.exception.SdkException if there are no AWS credentials
   * @throws IOException if the API cannot be reached
   */
  HttpResponse<InputStream> send(
      IncomingRequest request, URI url, ForwardedRoute route, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest forwarded = route.isSigned() ? signed(request, url) : withKey(request, url, body);
    return http.send(forwarded, BodyHandlers.ofInputStream());
  }

  private HttpRequest signed(IncomingRequest request, URI url) {
    SdkHttpRequest unsigned = SdkHttpRequest.builder().uri(url).method(SdkHttpMethod.GET).build();
    AwsCredentialsIdentity identity = credentials.resolveIdentity().join();
    SdkHttpRequest signed =
        signer
            .sign(
                it ->
                    it.identity(identity)
                        .request(unsigned)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, settings.region()))
            .request();
    // The URL as it was signed, in which the query may be encoded in another way.
    HttpRequest.Builder builder = builder(request, signed.getUri()).GET();
    signed
        .headers()
        .forEach(
            (name, values) -> {
              if (!RESTRICTED.contains(name)) {
                values.forEach(value -> builder.header(name, value));
              }
            });
    return builder.build();
  }

  private HttpRequest withKey(IncomingRequest request, URI url, byte[] body) {
    HttpRequest.Builder builder =
        builder(request, url)
            .method(
                request.method(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    String own = request.header("Authorization");
    if (!own.isEmpty()) {
      builder.header("Authorization", own);
    } else {
      settings.apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    }
    return builder.build();
  }

  private static HttpRequest.Builder builder(IncomingRequest request, URI url) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(url).timeout(RESPONSE_LIMIT).header("User-Agent", "skein-console");
    for (String name : PASSED_ON) {
      if (!request.header(name).isEmpty()) {
        builder.header(name, request.header(name));
      }
    }
    return builder;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
