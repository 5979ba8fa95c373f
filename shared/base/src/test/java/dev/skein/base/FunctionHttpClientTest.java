package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FunctionHttpClientTest {
  private static final String KEEP_ALIVE = "jdk.httpclient.keepalive.timeout";

  @AfterEach
  void forget() {
    System.clearProperty(KEEP_ALIVE);
  }

  private static void open() {
    var log = new Log(InstantSource.system(), _ -> {});
    FunctionHttpClient.open(Duration.ofSeconds(1), Runnable::run, log).shutdownNow();
  }

  @Test
  void anIdleConnectionIsClosedBeforeTheNetworkDropsIt() {
    open();

    assertThat(System.getProperty(KEEP_ALIVE)).isEqualTo("50");
  }

  @Test
  void theOperatorsKeepAliveTimeoutIsKept() {
    System.setProperty(KEEP_ALIVE, "7");

    open();

    assertThat(System.getProperty(KEEP_ALIVE)).isEqualTo("7");
  }

  @Test
  void aClientWithoutTlsSendsToNoProxy() {
    try (var http = FunctionHttpClient.withoutTls(Duration.ofSeconds(1), Runnable::run)) {
      assertThat(http.proxy()).contains(HttpClient.Builder.NO_PROXY);
    }
  }
}
