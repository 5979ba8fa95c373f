package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;

class SharedSdkHttpClientTest {

  @Test
  @Timeout(20)
  void anAbortedCallFailsWithAnIoException() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var http = HttpClient.newHttpClient()) {
      var address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      var request = SdkHttpFullRequest.builder().uri(address).method(SdkHttpMethod.GET).build();
      var exchange =
          new SharedSdkHttpClient(http)
              .prepareRequest(HttpExecuteRequest.builder().request(request).build());
      var task = new FutureTask<>(exchange);
      Thread.ofVirtual().start(task);
      try (var accepted = silent.accept()) {
        assertThat(accepted.getInputStream().read()).isEqualTo('G');

        exchange.abort();

        assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(IOException.class);
      }
    }
  }
}
