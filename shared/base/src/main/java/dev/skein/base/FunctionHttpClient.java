package dev.skein.base;

import java.net.http.HttpClient;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** How a function's one HTTP client is built, and how it is closed. */
public final class FunctionHttpClient {
  /** Read once by the JDK, when its first client is built; in seconds. */
  private static final String KEEP_ALIVE = "jdk.httpclient.keepalive.timeout";

  private static final String KEEP_ALIVE_SECONDS = "50";

  private FunctionHttpClient() {}

  /**
   * A client that is closed when the platform sends SIGTERM, by a JVM shutdown hook. Hooks run
   * concurrently: a function that still has to send something then uses {@link #build}.
   *
   * @param connectTimeout how long one connection may take to open
   * @param executor runs its callbacks
   */
  public static HttpClient open(Duration connectTimeout, Executor executor, Log log) {
    HttpClient http = build(connectTimeout, executor);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> close(http, log)));
    return http;
  }

  /** As {@link #open}, without the hook. */
  public static HttpClient build(Duration connectTimeout, Executor executor) {
    // Before the builder: its classes are initialized by the rehearsal's client meanwhile.
    SSLContext tls = defaultTls();
    return builder(connectTimeout, executor).sslContext(tls).build();
  }

  private static SSLContext defaultTls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JVM's default TLS context cannot be loaded", e);
    }
  }

  /**
   * A client for connections without TLS and without a proxy, to a server in the environment
   * itself. It is built at once, while another thread builds the real one with its trusted
   * certificates.
   */
  public static HttpClient withoutTls(Duration connectTimeout, Executor executor) {
    return builder(connectTimeout, executor)
        .proxy(HttpClient.Builder.NO_PROXY)
        .sslContext(new NoTls())
        .sslParameters(new SSLParameters())
        .build();
  }

  private static HttpClient.Builder builder(Duration connectTimeout, Executor executor) {
    // Less than the 60 s after which load balancers and DynamoDB close an idle connection, and than
    // the 350 s after which a NAT gateway forgets it: the JDK does not repeat a POST that fails on
    // such a connection. docs/adr/0017 has the sources.
    if (System.getProperty(KEEP_ALIVE) == null) {
      System.setProperty(KEEP_ALIVE, KEEP_ALIVE_SECONDS);
    }
    return HttpClient.newBuilder()
        // One request at a time gains nothing from HTTP/2; one dead connection stalls it all.
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(connectTimeout)
        .executor(executor);
  }

  private static void close(HttpClient http, Log log) {
    http.shutdownNow();
    log.info("shutdown", _ -> {});
  }
}
