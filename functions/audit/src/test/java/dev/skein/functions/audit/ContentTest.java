package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import dev.skein.functions.audit.FaultyTable.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** Whole texts beside the records, and records that were erased. */
@ExtendWith(TestTable.OfEachTest.class)
final class ContentTest {
  private static final String ERASED_AT = "2026-07-01T00:00:00.000Z";

  private final TestTable table;
  private final LogLines log = new LogLines();

  ContentTest(TestTable table) {
    this.table = table;
  }

  private static String base64(byte[] text) {
    var gzip = new ByteArrayOutputStream();
    try (var stream = new GZIPOutputStream(gzip)) {
      stream.write(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return Base64.getEncoder().encodeToString(gzip.toByteArray());
  }

  private static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String body(AuditRecord record, String name, String base64) {
    return Json.STRICT.write(with(record.toJson(), name, base64));
  }

  private static ObjectNode with(ObjectNode record, String name, String base64) {
    record.putObject("content").put(name, base64);
    return record;
  }

  private List<String> consume(DynamoDbClient dynamo, String body) {
    var consumer =
        new AuditConsumerFunction(
            new Composition(dynamo, table.config(), log.log()), System::nanoTime);
    return Samples.failures(consumer, event(message("m1", body)), Duration.ofSeconds(30));
  }

  private List<String> consume(String body) {
    return consume(table.dynamo(), body);
  }

  private Map<String, AttributeValue> item(String auditId, String sk) {
    return table
        .patient()
        .getItem(
            get ->
                get.tableName(table.config().table())
                    .consistentRead(true)
                    .key(
                        Map.of(
                            "pk", AttributeValue.fromS(auditId), "sk", AttributeValue.fromS(sk))))
        .item();
  }

  private String text(String auditId, String name) throws IOException {
    var gzip = new ByteArrayOutputStream();
    for (int n = 0; ; n++) {
      var data = item(auditId, "content#%s#%02d".formatted(name, n)).get("data");
      if (data == null) {
        break;
      }
      assertThat(data.b().asByteArray().length).isLessThanOrEqualTo(ContentStore.MAX_CHUNK);
      gzip.write(data.b().asByteArray());
    }
    try (var stream = new GZIPInputStream(new ByteArrayInputStream(gzip.toByteArray()))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void replace(ObjectNode record) {
    var message =
        new AuditMessage(
            record, AuditRecord.parseTimestamp(record.path("timestamp").asText()).orElseThrow());
    var item = AuditItem.of(message, table.config());
    table.patient().putItem(put -> put.tableName(table.config().table()).item(item));
  }

  @Test
  void contentIsStoredBesideTheRecordWithItsOwnRetention() throws IOException {
    assertThat(consume(body(intent("a"), "message", base64("What is a sk\u00e9in?")))).isEmpty();
    assertThat(consume(body(completed(intent("a")), "response", base64("A bundle.")))).isEmpty();

    assertThat(Json.STRICT.write(table.record("a")))
        .isEqualTo(Samples.body(completed(intent("a"))));
    assertThat(text("a", "message")).isEqualTo("What is a sk\u00e9in?");
    assertThat(text("a", "response")).isEqualTo("A bundle.");
    assertThat(item("a", "content#message#00").get("expires_at"))
        .isEqualTo(
            AttributeValue.fromN(
                Long.toString(Samples.NOON.plus(Duration.ofDays(30)).getEpochSecond())));
  }

  @Test
  void longContentIsStoredInChunksWithinTheLimitOfAnItem() throws IOException {
    var noise = new byte[AuditContent.MAX_BYTES];
    var random = new Random(1);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (' ' + random.nextInt(95));
    }

    assertThat(consume(body(intent("a"), "message", base64(noise)))).isEmpty();

    assertThat(item("a", "content#message#01")).isNotEmpty();
    assertThat(text("a", "message")).isEqualTo(new String(noise, StandardCharsets.US_ASCII));
  }

  @Test
  void theSameContentAgainIsADuplicateAndOtherContentAConflict() throws IOException {
    String body = body(intent("a"), "message", base64("one"));
    assertThat(consume(body)).isEmpty();
    assertThat(consume(body)).isEmpty();
    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(1);

    assertThat(consume(body(intent("a"), "message", base64("two")))).containsExactly("m1");

    assertThat(text("a", "message")).isEqualTo("one");
    assertThat(log.of("audit_message_failed").getLast().path("reason").asText())
        .isEqualTo("conflict");
  }

  @Test
  void contentThatWasNotStoredIsStoredWithTheNextDelivery() throws IOException {
    var puts = new AtomicInteger();
    var failing =
        new FaultyTable(
            table.dynamo(),
            request ->
                request instanceof PutItemRequest && puts.incrementAndGet() == 2
                    ? Fault.UNREACHABLE
                    : Fault.NONE);
    String body = body(intent("a"), "message", base64("text"));

    assertThat(consume(failing, body)).containsExactly("m1");
    assertThat(consume(failing, body)).isEmpty();

    assertThat(text("a", "message")).isEqualTo("text");
  }

  static List<String> invalid() {
    String good = base64("text");
    var cut = Arrays.copyOf(Base64.getDecoder().decode(good), 15);
    return List.of(
        "1",
        "\"text\"",
        "[]",
        "{\"message\":1}",
        "{\"message\":null}",
        "{\"message\":\"*\"}",
        "{\"message\":\"\"}",
        "{\"message\":\"dGV4dA==\"}",
        "{\"other\":\"" + good + "\"}",
        "{\"message\":\"" + Base64.getEncoder().encodeToString(cut) + "\"}",
        "{\"message\":\"" + base64(new byte[] {(byte) 0xff}) + "\"}",
        "{\"message\":\"" + base64(new byte[AuditContent.MAX_BYTES + 1]) + "\"}",
        // 100 MB of zeros in 100 KB.
        "{\"message\":\"" + base64(new byte[100_000_000]) + "\"}");
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void badContentIsPoisonBeforeAnythingIsStored(String content) throws Exception {
    var record = intent("a").toJson();
    record.set("content", Json.PASSED.parse(content));

    assertThat(consume(Json.STRICT.write(record))).containsExactly("m1");

    var line = log.of("audit_message_failed").getFirst();
    assertThat(line.path("reason").asText()).isEqualTo("poison");
    assertThat(line.path("detail").asText()).startsWith("content");
    assertThat(table.items()).isEmpty();
  }

  @Test
  void aRecordThatWasErasedIsADuplicateOfItsMessageAndItsContentStaysAway() throws IOException {
    String body = body(completed(intent("a")), "response", base64("secret"));
    replace(RecordDigest.erased(completed(intent("a")).toJson(), ERASED_AT));

    assertThat(consume(body)).isEmpty();
    assertThat(consume(Samples.body(intent("a")))).isEmpty();

    assertThat(table.record("a").has("response_preview")).isFalse();
    assertThat(item("a", "content#response#00").get("data"))
        .isEqualTo(AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0])));
    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(1);
  }

  @Test
  void anotherRecordWithTheIdOfAnErasedOneIsAConflict() {
    replace(RecordDigest.erased(completed(intent("a")).toJson(), ERASED_AT));

    assertThat(consume(Samples.body(Samples.failed(intent("a"))))).containsExactly("m1");
    assertThat(consume(Samples.body(intent("a", Samples.NOON, "bob")))).containsExactly("m1");
  }

  @Test
  void anErasedIntentIsCompletedWithoutTexts() {
    var erased = RecordDigest.erased(intent("a").toJson(), ERASED_AT);
    replace(erased);

    assertThat(consume(body(completed(intent("a")), "response", base64("secret")))).isEmpty();

    var stored = table.record("a");
    assertThat(stored.path("phase").asText()).isEqualTo("completed");
    assertThat(stored.path("erased_at").asText()).isEqualTo(ERASED_AT);
    assertThat(RecordDigest.CONTENT).noneMatch(stored::has);
    assertThat(RecordDigest.of(stored)).isEqualTo(RecordDigest.of(completed(intent("a")).toJson()));
    assertThat(item("a", "content#response#00")).isEmpty();
    assertThat(consume(Samples.body(completed(intent("a"))))).isEmpty();
    assertThat(consume(Samples.body(Samples.failed(intent("a"))))).containsExactly("m1");
  }

  @Test
  void contentIsEmptiedIfTheErasureRanWhileItWasStored() {
    var erased = RecordDigest.erased(intent("a").toJson(), ERASED_AT);
    var racing =
        new WrappedDynamo(
            table.dynamo(),
            request -> {
              if (request.item().containsKey("data")) {
                replace(erased);
              }
              return request;
            });

    assertThat(consume(racing, body(intent("a"), "message", base64("secret")))).isEmpty();

    assertThat(item("a", "content#message#00").get("data"))
        .isEqualTo(AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0])));
  }
}
