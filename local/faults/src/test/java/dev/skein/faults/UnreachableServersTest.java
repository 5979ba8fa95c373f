package dev.skein.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnreachableServersTest {
  private final ScriptedModel model = ScriptedModel.start();
  private final UnreachableServers unreachable = new UnreachableServers();

  @AfterEach
  void close() {
    unreachable.close();
    model.close();
  }

  private static void connect(URI url) throws Exception {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 500);
    }
  }

  @Test
  void theRefusedTargetRefusesConnections() {
    var url = unreachable.baseUrl(Fault.Target.REFUSED, model);

    assertThatThrownBy(() -> connect(url)).isInstanceOf(ConnectException.class);
  }

  @Test
  void aBlackHoleNeitherAcceptsNorRefusesConnections() {
    var url = unreachable.baseUrl(Fault.Target.BLACK_HOLE, model);

    assertThatThrownBy(() -> connect(url)).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void theUnknownHostDoesNotResolve() {
    var url = unreachable.baseUrl(Fault.Target.UNKNOWN_HOST, model);

    assertThat(new InetSocketAddress(url.getHost(), 80).isUnresolved()).isTrue();
  }

  @Test
  void noTlsServerPassesTheHandshake() throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      for (var target : new Fault.Target[] {Fault.Target.SELF_SIGNED, Fault.Target.NO_TLS}) {
        var request = HttpRequest.newBuilder(unreachable.baseUrl(target, model)).build();
        assertThatThrownBy(() -> http.send(request, BodyHandlers.discarding()))
            .as(target.name())
            .isInstanceOf(SSLException.class);
      }
    }
  }
}
