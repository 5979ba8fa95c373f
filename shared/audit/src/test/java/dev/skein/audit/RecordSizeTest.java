package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditConfig.Content;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.audit.AuditRecord.Calls;
import dev.skein.audit.AuditRecord.Cost;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.audit.AuditRecord.Result;
import dev.skein.audit.AuditRecord.StreamSpeed;
import dev.skein.audit.AuditRecord.Tokens;
import dev.skein.audit.AuditRecord.Tried;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The largest record that there can be: every value is as long as it may be, and of characters that
 * take twelve bytes in ASCII.
 */
class RecordSizeTest {
  private static final int MAX_MESSAGE = 1 << 20;
  private static final int MAX_ITEM = 400 * 1024;

  /** Longer lines are split. */
  private static final int MAX_LINE = (256 << 10) - 26;

  private static final String DOLLARS = "9223372036.854775807";
  private static final String WIDE = "\ud83d\ude00";

  private final List<String> messages = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  private static AuditConfig config(Mode mode, Content content) {
    return new AuditConfig(mode, Optional.of("q"), Duration.ofSeconds(10), 10_000, content);
  }

  /** Hardly any text compresses less than random characters of one to four bytes. */
  private static String random() {
    var random = new Random(1);
    var text = new StringBuilder();
    for (int bytes = 0; bytes < CompressedText.MAX_BYTES + 100_000; ) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        text.appendCodePoint(c);
        bytes += c < 0x80 ? 1 : 4;
      }
    }
    return text.toString();
  }

  private static AuditText largestText(AuditConfig config) {
    AuditText compressed = config.text(random());
    return new AuditText(
        config.text(WIDE.repeat(20_000)).preview(),
        Integer.MAX_VALUE,
        Optional.of("f".repeat(64)),
        compressed.content());
  }

  private static AuditRecord intent(AuditConfig config) {
    return new AuditRecord(
        "i".repeat(128),
        Instant.parse("2026-11-23T10:00:00Z"),
        "r".repeat(128),
        "/v1/chat/completions",
        WIDE.repeat(128),
        "a".repeat(5000),
        WIDE.repeat(5000),
        WIDE.repeat(5000),
        largestText(config),
        Optional.of(largestText(config)),
        Optional.of("1-00000000-000000000000000000000000"),
        "0".repeat(32),
        Optional.empty());
  }

  private static AuditRecord completed(AuditConfig config) {
    return intent(config)
        .completed(
            new Result(
                WIDE.repeat(5000),
                largestText(config),
                Optional.of("s".repeat(64)),
                Optional.of(
                    new Tokens(
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        OptionalLong.of(Long.MAX_VALUE),
                        OptionalLong.of(Long.MAX_VALUE),
                        OptionalLong.of(Long.MAX_VALUE),
                        Optional.of("t".repeat(64)))),
                new Cost(Optional.of(DOLLARS), true, Optional.of(new CostBounds(DOLLARS, DOLLARS))),
                new Calls(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                Integer.MAX_VALUE,
                Collections.nCopies(
                    1000,
                    new Tried(WIDE.repeat(5000), "model-credentials-rejected", Integer.MAX_VALUE)),
                Collections.nCopies(1000, "x".repeat(64)),
                Collections.nCopies(1000, "x".repeat(64)),
                Duration.ofMillis(Long.MAX_VALUE),
                599,
                Optional.of("model-credentials-rejected"),
                false,
                Optional.of(
                    new StreamSpeed(
                        Optional.of(Duration.ofMillis(Long.MAX_VALUE)),
                        OptionalDouble.of(Double.MAX_VALUE))),
                OptionalInt.of(Integer.MAX_VALUE)));
  }

  private JsonNode deliver(Mode mode, AuditConfig.Content content, Optional<Throwable> failure)
      throws Exception {
    return deliver(mode, content, failure, RecordSizeTest::completed);
  }

  private JsonNode deliver(
      Mode mode,
      AuditConfig.Content content,
      Optional<Throwable> failure,
      Function<AuditConfig, AuditRecord> record)
      throws Exception {
    var config = config(mode, content);
    AuditQueue queue =
        message -> {
          messages.add(message);
          return failure
              .map(CompletableFuture::<Void>failedFuture)
              .orElseGet(() -> CompletableFuture.completedFuture(null));
        };
    var log = new Log(InstantSource.fixed(Instant.EPOCH), lines::add);
    var trail =
        new AuditTrail(config, mode == Mode.LOG ? Optional.empty() : Optional.of(queue), log);
    trail.deliver(record.apply(config)).join();
    return Json.PROVIDER.parse(messages.isEmpty() ? lines.getFirst() : messages.getFirst());
  }

  @Test
  void itFitsIntoAMessageWithItsContent() throws Exception {
    assertThat(deliver(Mode.DEFAULT, Content.FULL, Optional.empty()).has("content")).isTrue();
    assertThat(messages.getFirst().length()).isBetween(MAX_MESSAGE / 2, MAX_MESSAGE);
    // Even if the content did not compress at all.
    int content =
        Json.PROVIDER.parse(messages.getFirst()).at("/content/response").textValue().length();
    int most = CompressedText.MAX_BYTES * 4 / 3 + 1000;
    assertThat(messages.getFirst().length() - content + most).isLessThan(MAX_MESSAGE);
  }

  @Test
  void anIntentFitsIntoAMessageWithThePrompt() throws Exception {
    var message =
        deliver(Mode.DEFAULT, Content.FULL, Optional.empty(), RecordSizeTest::intent)
            .at("/content/message");

    assertThat(messages.getFirst().length()).isBetween(MAX_MESSAGE / 2, MAX_MESSAGE);
    int most = CompressedText.MAX_BYTES * 4 / 3 + 1000;
    assertThat(messages.getFirst().length() - message.textValue().length() + most)
        .isLessThan(MAX_MESSAGE);
  }

  @Test
  void itFitsIntoAnItem() throws Exception {
    var record = (ObjectNode) deliver(Mode.DEFAULT, Content.FULL, Optional.empty());
    record.remove("content");

    // The names and values of its attributes; of numbers, this is more than they take.
    int size = Json.STRICT.writeReadable(record).getBytes(StandardCharsets.UTF_8).length;
    assertThat(size).isLessThan(MAX_ITEM / 2);
  }

  @Test
  void itFitsIntoALogLine() throws Exception {
    var failure = new SendFailedException("x".repeat(100), 500, Optional.of("x".repeat(100)));

    deliver(Mode.DEFAULT, Content.PREVIEW, Optional.of(failure));

    assertThat(lines.getFirst().length()).isLessThanOrEqualTo(MAX_LINE);
  }

  @Test
  void aLogLineThatWouldBeTooLongLeavesOutTheContentAndSaysSo() throws Exception {
    deliver(Mode.DEFAULT, Content.FULL, Optional.of(new IllegalStateException()));

    var line = Json.STRICT.parse(lines.getFirst());
    assertThat(lines.getFirst().length()).isLessThanOrEqualTo(MAX_LINE);
    assertThat(line.path("content_omitted").booleanValue()).isTrue();
    assertThat(line.path("record").has("content")).isFalse();
    assertThat(line.path("record").path("response_sha256").isTextual()).isTrue();
  }

  @Test
  void aLineOfTheLogModeLeavesItOutToo() throws Exception {
    assertThat(deliver(Mode.LOG, Content.FULL, Optional.empty()).path("content_omitted").asText())
        .isEqualTo("true");
  }
}
