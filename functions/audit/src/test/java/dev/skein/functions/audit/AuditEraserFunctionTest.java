package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import dev.skein.functions.audit.FaultyTable.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

@Timeout(120)
@ExtendWith(TestTable.OfEachTest.class)
final class AuditEraserFunctionTest {
  private static final String ERASED_AT = "2026-06-16T12:00:00.000Z";
  private static final InstantSource CLOCK =
      InstantSource.fixed(Samples.NOON.plus(Duration.ofDays(1)));

  private final TestTable table;
  private final LogLines log = new LogLines();

  AuditEraserFunctionTest(TestTable table) {
    this.table = table;
  }

  private Composition root(DynamoDbClient dynamo) {
    return new Composition(dynamo, table.config(), log.log());
  }

  private List<String> store(Object... messages) {
    var list =
        IntStream.range(0, messages.length)
            .mapToObj(
                n ->
                    messages[n] instanceof AuditRecord record
                        ? message("m" + n, record)
                        : message("m" + n, (String) messages[n]))
            .toList();
    var consumer = new AuditConsumerFunction(root(table.dynamo()), System::nanoTime);
    return Samples.failures(consumer, event(list), Duration.ofSeconds(30));
  }

  private AuditEraserFunction eraser(DynamoDbClient dynamo, LongSupplier nanoTime) {
    return new AuditEraserFunction(root(dynamo), ConsumerConfig.DEFAULT, CLOCK, nanoTime);
  }

  private static ApiCall call(AuditEraserFunction eraser, Map<String, String> query) {
    var event = ApiCall.event("DELETE", "/audit", "");
    var parameters = event.putObject("queryStringParameters");
    query.forEach(parameters::put);
    return ApiCall.of(eraser, event, Duration.ofSeconds(28));
  }

  private ApiCall erase(String userId) {
    return call(eraser(table.dynamo(), System::nanoTime), Map.of("user_id", userId));
  }

  private static void assertCounts(ApiCall reply, int erased, int alreadyErased) {
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(reply.body().path("erased").intValue()).isEqualTo(erased);
    assertThat(reply.body().path("already_erased").intValue()).isEqualTo(alreadyErased);
    assertThat(reply.body().path("next_cursor").isNull()).isTrue();
  }

  private static String withContent(AuditRecord record, String member) {
    var gzip = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(gzip)) {
      out.write("canary".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var json = record.toJson();
    json.putObject("content").put(member, Base64.getEncoder().encodeToString(gzip.toByteArray()));
    return Json.STRICT.write(json);
  }

  private List<Map<String, AttributeValue>> all() {
    return table
        .dynamo()
        .scanPaginator(scan -> scan.tableName(table.config().table()).consistentRead(true))
        .items()
        .stream()
        .toList();
  }

  private static String text(Map<String, AttributeValue> item, String name) {
    return Objects.requireNonNull(item.get(name)).s();
  }

  private List<Map<String, AttributeValue>> itemsWithKey(String key) {
    return all().stream().filter(item -> text(item, "sk").startsWith(key)).toList();
  }

  private Collection<Map<String, AttributeValue>> links() {
    return all().stream().filter(item -> text(item, "pk").startsWith("#chain#")).toList();
  }

  /** The record of the only erasure. */
  private ObjectNode erasure() {
    return table.records().values().stream()
        .filter(record -> record.path("endpoint").asText().equals("/audit"))
        .reduce(
            (a, b) -> {
              throw new AssertionError("two erasures");
            })
        .orElseThrow();
  }

  @Test
  void theTextsOfAUsersRecordsAreErasedAndTheRestStays() {
    store(withContent(intent("a"), "message"), intent("b"), intent("other", Samples.NOON, "bob"));
    store(withContent(completed(intent("a")), "response"));
    var before = table.record("a");
    assertThat(itemsWithKey("content#")).hasSize(2);

    var reply = erase("ann");

    assertCounts(reply, 2, 0);
    var erased = table.record("a");
    assertThat(erased).isEqualTo(RecordDigest.erased(before, ERASED_AT));
    assertThat(RecordDigest.of(erased)).isEqualTo(RecordDigest.of(before));
    assertThat(erased.has("message_preview")).isFalse();
    assertThat(erased.has("response_preview")).isFalse();
    assertThat(erased.has("content_salt")).isFalse();
    assertThat(erased.path("message_length").intValue()).isEqualTo(2000);
    assertThat(erased.path("total_tokens").intValue()).isEqualTo(17);
    assertThat(table.record("b").path("erased_at").textValue()).isEqualTo(ERASED_AT);
    assertThat(table.record("other").has("message_preview")).isTrue();
    assertThat(itemsWithKey("content#")).isEmpty();
  }

  @Test
  void anErasureIsAuditedInTheChain() {
    store(intent("a"), intent("b"));

    var reply = erase("ann");

    var record = erasure();
    assertThat(record.path("audit_id")).isEqualTo(reply.body().path("audit_id"));
    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("user_id").textValue()).isEqualTo("ann");
    assertThat(record.path("identity").textValue()).isEqualTo("key-1");
    assertThat(record.path("request_id").textValue()).isEqualTo("req-1");
    assertThat(record.path("erased").intValue()).isEqualTo(2);
    assertThat(record.path("status").intValue()).isEqualTo(200);
    ChainCheck.assertLinked(table.records().values(), links());
    assertThat(ChainCheck.entriesOf(links()))
        .filteredOn(entry -> entry.endsWith(record.path("audit_id").asText()))
        .hasSize(2);
  }

  @Test
  void theLinksOfAnErasureAreLogged() {
    assertCounts(erase("nobody"), 0, 0);

    assertThat(log.of("audit_batch").stream().map(line -> line.path("sha256").asText()))
        .containsExactlyInAnyOrderElementsOf(
            links().stream().map(link -> text(link, "sha256")).toList());
  }

  @Test
  void anErasureCanBeRepeated() {
    store(intent("a"), completed(intent("a")), intent("b"));

    assertCounts(erase("ann"), 2, 0);
    var once = table.record("a");
    assertCounts(erase("ann"), 0, 2);

    assertThat(table.record("a")).isEqualTo(once);
    assertCounts(erase("nobody"), 0, 0);
  }

  @Test
  void contentThatAnInterruptedErasureLeftIsDeletedByTheNext() {
    store(withContent(intent("a"), "message"));
    var interrupted =
        new FaultyTable(
            table.dynamo(),
            request ->
                request instanceof UpdateItemRequest update
                        && update.updateExpression().contains("erased_at")
                    ? Fault.RESPONSE_LOST
                    : Fault.NONE);

    assertThat(call(eraser(interrupted, System::nanoTime), Map.of("user_id", "ann")).status())
        .isEqualTo(503);
    assertThat(itemsWithKey("content#")).hasSize(1);
    assertThat(erasure().path("error").textValue()).isEqualTo("audit-unavailable");
    assertCounts(erase("ann"), 0, 1);

    assertThat(itemsWithKey("content#")).isEmpty();
  }

  @Test
  void aRequestThatRunsOutOfTimeIsContinuedWithItsCursor() {
    var ids = IntStream.range(0, 25).mapToObj(n -> "a" + n).toList();
    for (int from = 0; from < 25; from += 5) {
      store(ids.subList(from, from + 5).stream().map(Samples::intent).toArray());
    }
    // Each look at the clock takes 300 ms: the time is up after a few records.
    var nanos = new AtomicLong();
    var query = new HashMap<>(Map.of("user_id", "ann"));
    int erased = 0;
    int requests = 0;

    for (boolean more = true; more; requests++) {
      assertThat(requests).as("requests without an end").isLessThan(26);
      var reply = call(eraser(table.dynamo(), () -> nanos.addAndGet(300_000_000)), query);
      assertThat(reply.status()).isEqualTo(200);
      erased += reply.body().path("erased").intValue();
      assertThat(reply.body().path("already_erased").intValue()).isZero();
      more = !reply.body().path("next_cursor").isNull();
      query.put("cursor", reply.body().path("next_cursor").asText());
    }

    assertThat(erased).isEqualTo(25);
    assertThat(requests).isGreaterThan(1);
    for (String id : ids) {
      assertThat(table.record(id).has("message_preview")).isFalse();
    }
  }

  @Test
  void aResultThatArrivesAfterTheErasureDoesNotBringTheTextsBack() {
    store(withContent(intent("a"), "message"));
    erase("ann");

    for (int delivery = 0; delivery < 3; delivery++) {
      assertThat(store(withContent(completed(intent("a")), "response"))).isEmpty();
      assertThat(store(withContent(intent("a"), "message"))).isEmpty();
    }

    var record = table.record("a");
    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("total_tokens").intValue()).isEqualTo(17);
    assertThat(record.toString()).doesNotContain("skein", "bundle", "preview", "content_salt");
    assertThat(itemsWithKey("content#"))
        .allSatisfy(
            item ->
                assertThat(item.get("data"))
                    .isEqualTo(AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0]))));
    ChainCheck.assertLinked(table.records().values(), links());
  }

  @Test
  void nothingIsErasedIfTheIntentCannotBeStored() {
    store(intent("a"));
    var down =
        new FaultyTable(
            table.dynamo(),
            request -> request instanceof PutItemRequest ? Fault.UNREACHABLE : Fault.NONE);

    var reply = call(eraser(down, System::nanoTime), Map.of("user_id", "ann"));

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.body().path("type").textValue()).endsWith(":audit-unavailable");
    assertThat(reply.headers().path("Retry-After").textValue()).isEqualTo("2");
    assertThat(table.record("a").has("message_preview")).isTrue();
  }

  @Test
  void aCompletedRecordThatCannotBeStoredIsLoggedToBeReplayed() {
    store(intent("a"));
    var down =
        new FaultyTable(
            table.dynamo(),
            request ->
                request instanceof PutItemRequest put
                        && AttributeValue.fromS("completed").equals(put.item().get("phase"))
                    ? Fault.THROTTLED
                    : Fault.NONE);

    assertCounts(call(eraser(down, System::nanoTime), Map.of("user_id", "ann")), 1, 0);

    var line = log.of("audit_alternate").getFirst();
    assertThat(line.path("cause").textValue()).isEqualTo("throttled");
    assertThat(store(Json.STRICT.write(line.path("record")))).isEmpty();
    assertThat(erasure().path("erased").intValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "user_id, '', /user_id",
    "cursor, 'not base64', /cursor",
    "cursor, bm90IGEga2V5, /cursor",
    "limit, 5, /limit",
  })
  void anInvalidParameterIsReported(String name, String value, String pointer) {
    var query = new HashMap<>(Map.of("user_id", "ann"));
    query.put(name, value);

    var reply = call(eraser(table.dynamo(), System::nanoTime), query);

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body().path("errors").path(0).path("pointer").textValue()).isEqualTo(pointer);
    assertThat(table.records()).isEmpty();
  }

  @Test
  void theSampleEventErasesNobodysRecords() throws Exception {
    var sample =
        (ObjectNode) Json.EVENT.parse(Files.readString(Path.of("../../events/audit-eraser.json")));

    var eraser = eraser(table.dynamo(), System::nanoTime);

    assertCounts(ApiCall.of(eraser, sample, Duration.ofSeconds(28)), 0, 0);
    assertThat(erasure().path("identity").textValue())
        .isEqualTo("arn:aws:iam::123456789012:user/privacy-officer");
  }
}
