package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
