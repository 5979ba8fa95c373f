package dev.skein.local.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.model.OfflineModel;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another loopback address stands for the bridge's. */
@Timeout(30)
class DockerBridgeRelayTest {
  private static final InetAddress BRIDGE = bridge();

  private static InetAddress bridge() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aServiceIsReachableAtTheBridgesAddress() throws Exception {
    try (var model = OfflineModel.start(0);
        var door = DockerBridgeRelay.open(BRIDGE, List.of(model.port()));
        var client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.2:" + model.port() + "/v1/models");

      for (int i = 0; i < 3; i++) {
        var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        assertThat(response.body()).contains("skein-offline");
      }

      assertThat(door.address()).isEqualTo(BRIDGE);
    }
  }

  @Test
  void theEndOfEitherStreamIsRelayed() throws Exception {
    try (var part = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var door = DockerBridgeRelay.open(BRIDGE, List.of(part.getLocalPort()));
        var container = new Socket(door.address(), part.getLocalPort());
        var accepted = part.accept()) {
      container.getOutputStream().write("question".getBytes(UTF_8));
      container.shutdownOutput();
      assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("question");

      accepted.getOutputStream().write("answer".getBytes(UTF_8));
      accepted.shutdownOutput();
      assertThat(container.getInputStream().readAllBytes()).asString().isEqualTo("answer");
    }
  }

  @Test
  void aServiceThatIsDownClosesTheConnection() throws Exception {
    int free = freePort();
    try (var door = DockerBridgeRelay.open(BRIDGE, List.of(free));
        var container = new Socket(door.address(), free)) {
      assertThat(container.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aPortInUseOpensNothing() throws Exception {
    int free = freePort();
    try (var taken = new ServerSocket(0, 1, BRIDGE)) {
      assertThatThrownBy(() -> DockerBridgeRelay.open(BRIDGE, List.of(free, taken.getLocalPort())))
          .isInstanceOf(BindException.class);
    }
    assertThatThrownBy(() -> new Socket(BRIDGE, free)).isInstanceOf(ConnectException.class);
  }

  @Test
  void closingEndsOpenConnections() throws Exception {
    try (var part = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var open = new Open(part);
        var accepted = part.accept()) {
      open.door().close();

      assertThat(accepted.getInputStream().read()).isEqualTo(-1);
      assertThat(open.container().getInputStream().read()).isEqualTo(-1);
    }
  }

  private record Open(DockerBridgeRelay door, Socket container) implements AutoCloseable {
    Open(ServerSocket part) throws IOException {
      this(
          DockerBridgeRelay.open(BRIDGE, List.of(part.getLocalPort())),
          new Socket(BRIDGE, part.getLocalPort()));
    }

    @Override
    public void close() throws IOException {
      container.close();
      door.close();
    }
  }

  private static int freePort() throws IOException {
    try (var probe = new ServerSocket(0, 1, BRIDGE)) {
      return probe.getLocalPort();
    }
  }
}
