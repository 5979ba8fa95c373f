package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class UnreachableTableTest {
  private final LogLines log = new LogLines();

  private void assertFailsAllWithin(URI endpoint, Duration time, Duration bound) {
    var consumer =
        new AuditConsumerFunction(
            new Composition(
                LocalDynamo.client(endpoint),
                new TableConfig("audit", Duration.ofDays(365)),
                log.log()),
            System::nanoTime);

    long start = System.nanoTime();
    var response =
        Samples.failures(
            consumer, event(message("m1", intent("a")), message("m2", intent("b"))), time);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(bound);
    assertThat(response).containsExactly("m1", "m2");
    // The SDK ends a call by an interrupt: none may be left over for the next message.
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aTableThatRefusesConnectionsFailsEachMessage() throws IOException {
    URI closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = URI.create("http://127.0.0.1:%d".formatted(socket.getLocalPort()));
    }

    assertFailsAllWithin(closed, Duration.ofSeconds(30), Duration.ofSeconds(20));

    assertThat(log.of("audit_message_failed"))
        .extracting(line -> line.path("reason").asText())
        .containsExactly("unavailable", "unavailable");
  }

  @Test
  void aTableThatNeverRespondsFailsEachMessageBeforeTheTimeout() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var endpoint = URI.create("http://127.0.0.1:%d".formatted(silent.getLocalPort()));

      assertFailsAllWithin(endpoint, Duration.ofSeconds(8), Duration.ofMillis(7500));
    }

    assertThat(log.of("audit_message_failed"))
        .as("faults: %s", log.of("bug"))
        .extracting(line -> line.path("reason").asText())
        .containsExactly("unavailable", "unavailable");
  }
}
