package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ExtendWith(TestTable.OfEachTest.class)
final class StoredContentTest {
  private static final int CHUNK = 350 << 10;

  private final TestTable table;
  private final AuditApiCaller reading;

  StoredContentTest(TestTable table) {
    this.table = table;
    this.reading =
        new AuditApiCaller(
            new AuditReaderFunction(
                new Composition(table.dynamo(), table.config(), new LogLines().log()),
                InstantSource.fixed(NOON),
                System::nanoTime));
    table.put(List.of(Samples.completed(Samples.intent("a")).toJson()));
  }

  private void keep(String name, String text, Instant expiresAt) {
    byte[] gzip = gzip(text);
    for (int n = 0; n * CHUNK < gzip.length; n++) {
      byte[] chunk = Arrays.copyOfRange(gzip, n * CHUNK, Math.min((n + 1) * CHUNK, gzip.length));
      var item =
          Map.of(
              "pk", AttributeValue.fromS("a"),
              "sk", AttributeValue.fromS("content#%s#%02d".formatted(name, n)),
              "data", AttributeValue.fromB(SdkBytes.fromByteArray(chunk)),
              "expires_at", AttributeValue.fromN("" + expiresAt.getEpochSecond()));
      table.dynamo().putItem(request -> request.tableName(table.config().table()).item(item));
    }
  }

  private static byte[] gzip(String text) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private JsonNode content() {
    var body = reading.ok(Map.of("audit_id", "a", "content", "true"));
    assertThat(body.path("records")).hasSize(1);
    return body.path("content");
  }

  @Test
  void theWholeContentIsReturnedFromItsChunks() {
    var random = new Random(1);
    var message = new StringBuilder();
    while (message.length() < 600_000) {
      message.append((char) (32 + random.nextInt(90)));
    }
    keep("message", message.toString(), NOON.plusSeconds(60));
    keep("response", "A bundle of threads. \u00e9 \ud83e\udebf", NOON.plusSeconds(60));

    var content = content();

    assertThat(content.path("message").asText()).isEqualTo(message.toString());
    assertThat(content.path("response").asText())
        .isEqualTo("A bundle of threads. \u00e9 \ud83e\udebf");
    assertThat(content.path("omitted")).isEmpty();
  }

  @Test
  void contentThatWasNotKeptOrHasExpiredIsNull() {
    keep("message", "kept for too long", NOON);

    assertThat(content().toString())
        .isEqualTo("{\"message\":null,\"response\":null,\"omitted\":[]}");
  }

  /** Its other chunks are still being written, or are being deleted. */
  @Test
  void contentOfWhichAChunkIsMissingIsNull() {
    var random = new Random(1);
    var message = new StringBuilder();
    while (message.length() < 600_000) {
      message.append((char) (32 + random.nextInt(90)));
    }
    keep("message", message.toString(), NOON.plusSeconds(60));
    keep("response", "short", NOON.plusSeconds(60));

    for (String missing : List.of("content#message#01", "content#message#00")) {
      table
          .dynamo()
          .deleteItem(
              request ->
                  request
                      .tableName(table.config().table())
                      .key(
                          Map.of(
                              "pk", AttributeValue.fromS("a"),
                              "sk", AttributeValue.fromS(missing))));
      assertThat(content().toString())
          .isEqualTo("{\"message\":null,\"response\":\"short\",\"omitted\":[]}");
      keep("message", message.toString(), NOON.plusSeconds(60));
    }
  }

  @Test
  void contentTooLargeForAResponseIsNamed() {
    keep("message", "\u0001".repeat(450_000), NOON.plusSeconds(60));
    keep("response", "short", NOON.plusSeconds(60));

    assertThat(content().toString())
        .isEqualTo("{\"message\":null,\"response\":\"short\",\"omitted\":[\"message\"]}");
  }

  @Test
  void aSmallItemThatInflatesWithoutEndIsOmitted() {
    keep("response", "x".repeat(50_000_000), NOON.plusSeconds(60));

    assertThat(content().path("omitted").toString()).isEqualTo("[\"response\"]");
  }

  @Test
  void contentIsNotReturnedUnasked() {
    keep("message", "secret", NOON.plusSeconds(60));

    assertThat(reading.ok(Map.of("audit_id", "a")).has("content")).isFalse();
    assertThat(reading.ok(Map.of("audit_id", "a", "content", "false")).has("content")).isFalse();
    assertThat(reading.get("/audit", "application/jsonl", Map.of("audit_id", "a")).text())
        .doesNotContain("secret");
    assertThat(
            reading.get("/audit", "text/csv", Map.of("audit_id", "a", "content", "true")).status())
        .isEqualTo(422);
  }
}
