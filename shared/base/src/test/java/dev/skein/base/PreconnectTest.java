package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PreconnectTest {
  private final HttpClient http = FunctionHttpClient.build(Duration.ofSeconds(2), Runnable::run);
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Log log = new Log(InstantSource.system(), lines::add);

  /** Each request: its method, its headers of interest, and the client's port. */
  private record Seen(String method, boolean hasKey, int port) {}

  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile String connection = "keep-alive";

  /** Of so many requests, none is answered before the last has arrived. */
  private volatile CountDownLatch together = new CountDownLatch(1);

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean head = exchange.getRequestMethod().equals("HEAD");
          requests.add(
              new Seen(
                  exchange.getRequestMethod(),
                  exchange.getRequestHeaders().containsKey("Authorization"),
                  exchange.getRemoteAddress().getPort()));
          arrive();
          exchange.getResponseHeaders().set("Connection", connection);
          exchange.sendResponseHeaders(404, head ? -1 : 9);
          if (!head) {
            exchange.getResponseBody().write("not found".getBytes(StandardCharsets.US_ASCII));
          }
          exchange.close();
        });
    server.setExecutor(Thread::startVirtualThread);
    server.start();
  }

  private void arrive() {
    together.countDown();
    try {
      together.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
    http.shutdownNow();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/models";
  }

  private Preconnect preconnect(String mode) {
    return Preconnect.from(new Settings(Map.of("PRECONNECT", mode)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "GET"})
  void theNextRequestFindsTheConnectionInThePool(String method) throws Exception {
    var preconnect = preconnect("on");
    preconnect.open(http, method, url());
    preconnect.await(log);
    http.send(
        HttpRequest.newBuilder(URI.create(url())).POST(BodyPublishers.ofString("x")).build(),
        BodyHandlers.discarding());

    assertThat(preconnect.opened(url())).isEqualTo(1);
    assertThat(requests).extracting(Seen::method).containsExactly(method, "POST");
    assertThat(requests).extracting(Seen::port).containsOnly(requests.getFirst().port());
    assertThat(requests).extracting(Seen::hasKey).containsOnly(false);
    assertThat(lines).hasSize(1).first().asString().contains("\"connections\":1,\"opened\":1");
  }

  @Test
  void eachOfSeveralOpensItsOwnConnection() {
    together = new CountDownLatch(3);
    var preconnect = preconnect("on");
    for (int connection = 0; connection < 3; connection++) {
      preconnect.open(http, "HEAD", url());
    }
    preconnect.await(log);

    assertThat(preconnect.opened(url())).isEqualTo(3);
    assertThat(requests).extracting(Seen::port).doesNotHaveDuplicates().hasSize(3);
  }

  @Test
  void aServerThatClosesAfterItsResponseLeavesNoConnection() {
    connection = "close";
    var preconnect = preconnect("on");
    preconnect.open(http, "HEAD", url());
    preconnect.await(log);

    assertThat(preconnect.opened(url())).isZero();
    assertThat(lines).hasSize(1).first().asString().contains("\"connections\":1,\"opened\":0");
  }

  @Test
  void nothingIsSentOrLoggedWhenItIsOff() {
    var preconnect = preconnect("off");
    preconnect.open(http, "HEAD", url());
    preconnect.await(log);
    assertThat(preconnect.opened(url())).isZero();

    assertThat(requests).isEmpty();
    assertThat(lines).isEmpty();
  }

  @Test
  void aHostThatCannotBeReachedCostsNothing() {
    int port = server.getAddress().getPort();
    server.stop(0);
    var preconnect = preconnect("on");
    var urls = List.of("http://127.0.0.1:" + port, "no url", "ftp://127.0.0.1", "http:///");
    urls.forEach(url -> preconnect.open(http, "HEAD", url));
    preconnect.await(log);

    assertThat(urls).allMatch(url -> preconnect.opened(url) == 0);
    assertThat(lines).hasSize(1).first().asString().contains("\"opened\":0", "INFO");
  }

  @Test
  void aHostThatStaysSilentIsWaitedForNoLongerThanASecond() throws IOException {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var preconnect = preconnect("on");
      preconnect.open(http, "HEAD", "http://127.0.0.1:" + silent.getLocalPort());
      long start = System.nanoTime();
      preconnect.await(log);

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
      assertThat(lines).hasSize(1).first().asString().contains("\"connections\":1,\"opened\":0");
    }
  }

  @Test
  void anUnknownModeIsRejected() {
    assertThatThrownBy(() -> preconnect("maybe"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("PRECONNECT");
  }
}
