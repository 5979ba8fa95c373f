package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AuditTrailTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  private static final AuditRecord RECORD =
      new AuditRecord(
          "a-1",
          NOW,
          "r-1",
          "/chat",
          "ann",
          "local",
          "gpt-6-luna",
          "gpt-6-luna",
          AuditText.EMPTY,
          Optional.empty(),
          Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
          "0".repeat(32),
          Optional.empty());

  private final List<String> lines = new ArrayList<>();

  private JsonNode logged(Throwable failure) throws Exception {
    AuditQueue queue =
        _ ->
            CompletableFuture.supplyAsync(() -> 0)
                .thenCompose(_ -> CompletableFuture.failedFuture(failure));
    var config =
        new AuditConfig(
            AuditConfig.Mode.DEFAULT,
            Optional.of("http://q"),
            Duration.ofSeconds(10),
            0,
            AuditConfig.Content.PREVIEW);
    var log = new Log(InstantSource.fixed(NOW), lines::add);

    assertThat(new AuditTrail(config, Optional.of(queue), log).deliver(RECORD).join())
        .isEqualTo(Delivery.LOGGED);
    return Json.STRICT.parse(lines.getFirst());
  }

  private static AuditTrail trail(AuditConfig.Mode mode, Queue<CompletableFuture<Void>> sends) {
    var config =
        new AuditConfig(
            mode, Optional.of("q"), Duration.ofSeconds(8), 0, AuditConfig.Content.PREVIEW);
    AuditQueue queue =
        _ -> {
          var sent = new CompletableFuture<Void>();
          sends.add(sent);
          return sent;
        };
    return new AuditTrail(config, Optional.of(queue), new Log(InstantSource.fixed(NOW), _ -> {}));
  }

  private static void fail(AuditTrail trail, Queue<CompletableFuture<Void>> sends) {
    var delivery = trail.deliver(RECORD);
    sends.remove().completeExceptionally(new TimeoutException());
    assertThat(delivery).isCompleted();
  }

  @Test
  void theLineOfARecordHasTheIdAndTheTraceOfItsRequest() throws Exception {
    JsonNode line = logged(new TimeoutException());

    assertThat(line.path("request_id").textValue()).isEqualTo("r-1");
    assertThat(line.path("trace_id").textValue()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
  }

  @Test
  void aQueueThatIsDownIsWaitedForOnlyAQuarterOfTheTimeUntilItIsBack() {
    var sends = new ArrayDeque<CompletableFuture<Void>>();
    var trail = trail(AuditConfig.Mode.DEFAULT, sends);
    for (int failures = 0; failures < 3; failures++) {
      assertThat(trail.limit()).isEqualTo(Duration.ofSeconds(8));
      fail(trail, sends);
    }

    fail(trail, sends);
    assertThat(trail.limit()).isEqualTo(Duration.ofSeconds(2));

    var delivery = trail.deliver(RECORD);
    sends.remove().complete(null);
    assertThat(delivery.join()).isEqualTo(Delivery.QUEUED);
    assertThat(trail.limit()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void theStrictModeAlwaysWaitsTheWholeTime() {
    var sends = new ArrayDeque<CompletableFuture<Void>>();
    var trail = trail(AuditConfig.Mode.STRICT, sends);
    for (int failures = 0; failures < 5; failures++) {
      fail(trail, sends);
    }

    assertThat(trail.limit()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void aRecordThatIsAcknowledgedTooLateIsLoggedAndShowsThatTheQueueIsBack() {
    var config =
        new AuditConfig(
            AuditConfig.Mode.DEFAULT,
            Optional.of("q"),
            Duration.ofMillis(100),
            0,
            AuditConfig.Content.PREVIEW);
    var sends = new ArrayDeque<CompletableFuture<Void>>();
    AuditQueue queue =
        _ -> {
          sends.add(new CompletableFuture<>());
          return sends.getLast();
        };
    var trail =
        new AuditTrail(config, Optional.of(queue), new Log(InstantSource.fixed(NOW), lines::add));
    for (int failures = 0; failures < 3; failures++) {
      assertThat(trail.deliver(RECORD).join()).isEqualTo(Delivery.LOGGED);
    }
    assertThat(lines).hasSize(3);
    assertThat(trail.limit()).isEqualTo(Duration.ofMillis(25));

    sends.getFirst().complete(null);

    assertThat(trail.limit()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void theQueuesErrorIsLoggedWithItsStatusAndRequestId() throws Exception {
    var line = logged(new SendFailedException("AccessDeniedException", 403, Optional.of("r-1")));

    assertThat(line.path("cause").textValue()).isEqualTo("AccessDeniedException");
    assertThat(line.path("upstream_status").intValue()).isEqualTo(403);
    assertThat(line.path("upstream_request_id").textValue()).isEqualTo("r-1");
  }

  @Test
  void whatPreventedAReplyIsLoggedByItsName() throws Exception {
    var line = logged(new SendFailedException(new ConnectException("10.0.0.1: canary")));

    assertThat(line.path("cause").textValue()).isEqualTo("ConnectException");
    assertThat(line.has("upstream_status")).isFalse();
    assertThat(line.has("upstream_request_id")).isFalse();
    assertThat(lines.getFirst()).doesNotContain("canary");
  }

  @Test
  void anUnexpectedFailureIsLoggedByItsName() throws Exception {
    assertThat(logged(new IllegalStateException("canary")).path("cause").textValue())
        .isEqualTo("IllegalStateException");
    assertThat(lines.getFirst()).doesNotContain("canary");
  }
}
