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

class ElsewhereTest {
  private final ScriptedModel model = ScriptedModel.start();
  private final Elsewhere elsewhere = new Elsewhere();

  @AfterEach
  void close() {
    elsewhere.close();
    model.close();
  }

  private static void connect(URI url) throws Exception {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 500);
    }
  }

  @Test
  void nobodyListensWhereConnectionsAreRefused() {
    var url = elsewhere.at(Fault.Place.REFUSED, model);

    assertThatThrownBy(() -> connect(url)).isInstanceOf(ConnectException.class);
  }

  @Test
  void aBlackHoleTakesNoConnectionAndRefusesNone() {
    var url = elsewhere.at(Fault.Place.BLACK_HOLE, model);

    assertThatThrownBy(() -> connect(url)).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void theUnknownHostHasNoAddress() {
    var url = elsewhere.at(Fault.Place.UNKNOWN_HOST, model);

    assertThat(new InetSocketAddress(url.getHost(), 80).isUnresolved()).isTrue();
  }

  @Test
  void neitherTlsServerIsTrusted() throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      for (var place : new Fault.Place[] {Fault.Place.SELF_SIGNED, Fault.Place.NO_TLS}) {
        var request = HttpRequest.newBuilder(elsewhere.at(place, model)).build();
        assertThatThrownBy(() -> http.send(request, BodyHandlers.discarding()))
            .as(place.name())
            .isInstanceOf(SSLException.class);
      }
    }
  }
}
