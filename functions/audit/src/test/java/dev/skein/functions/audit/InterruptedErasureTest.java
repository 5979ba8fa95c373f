package dev.skein.functions.audit;

import static dev.skein.functions.audit.Erasures.assertCounts;
import static dev.skein.functions.audit.Erasures.call;
import static dev.skein.functions.audit.Erasures.text;
import static dev.skein.functions.audit.Erasures.withContent;
import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Json;
import dev.skein.functions.audit.FaultyTable.Fault;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

@Timeout(120)
@ExtendWith(TestTable.OfEachTest.class)
final class InterruptedErasureTest {
  private final TestTable table;
  private final Erasures erasures;

  InterruptedErasureTest(TestTable table) {
    this.table = table;
    this.erasures = new Erasures(table);
  }

  /** The table, which throttles the puts of these items. */
  private FaultyTable throttled(Predicate<Map<String, AttributeValue>> items) {
    return new FaultyTable(
        table.dynamo(),
        request ->
            request instanceof PutItemRequest put && items.test(put.item())
                ? Fault.THROTTLED
                : Fault.NONE);
  }

  @Test
  void contentThatAnInterruptedErasureLeftIsDeletedByTheNext() {
    erasures.store(withContent(intent("a"), "message"));
    var interrupted =
        new FaultyTable(
            table.dynamo(),
            request ->
                request instanceof UpdateItemRequest update
                        && update.updateExpression().contains("erased_at")
                    ? Fault.RESPONSE_LOST
                    : Fault.NONE);

    assertThat(
            call(erasures.eraser(interrupted, System::nanoTime), Map.of("user_id", "ann")).status())
        .isEqualTo(503);
    assertThat(erasures.itemsWithKey("content#")).hasSize(1);
    assertThat(erasures.erasure().path("error").textValue()).isEqualTo("audit-unavailable");
    assertCounts(erasures.erase("ann"), 0, 1);

    assertThat(erasures.itemsWithKey("content#")).isEmpty();
  }

  @Test
  void aRequestThatRunsOutOfTimeIsContinuedWithItsCursor() {
    var ids = IntStream.range(0, 25).mapToObj(n -> "a" + n).toList();
    for (int from = 0; from < 25; from += 5) {
      erasures.store(ids.subList(from, from + 5).stream().map(Samples::intent).toArray());
    }
    // Each look at the clock takes 300 ms: the time is up after a few records.
    var nanos = new AtomicLong();
    var query = new HashMap<>(Map.of("user_id", "ann"));
    int erased = 0;
    int requests = 0;

    for (boolean more = true; more; requests++) {
      assertThat(requests).as("requests without an end").isLessThan(26);
      var reply = call(erasures.eraser(table.dynamo(), () -> nanos.addAndGet(300_000_000)), query);
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
    erasures.store(withContent(intent("a"), "message"));
    erasures.erase("ann");

    for (int delivery = 0; delivery < 3; delivery++) {
      assertThat(erasures.store(withContent(completed(intent("a")), "response"))).isEmpty();
      assertThat(erasures.store(withContent(intent("a"), "message"))).isEmpty();
    }

    var record = table.record("a");
    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("total_tokens").intValue()).isEqualTo(17);
    assertThat(record.toString()).doesNotContain("skein", "bundle", "preview", "content_salt");
    assertThat(erasures.itemsWithKey("content#"))
        .allSatisfy(
            item ->
                assertThat(item.get("data"))
                    .isEqualTo(AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0]))));
    ChainCheck.assertLinked(table.records().values(), erasures.links());
  }

  @Test
  void nothingIsErasedIfTheIntentCannotBeStored() {
    erasures.store(intent("a"));
    var down =
        new FaultyTable(
            table.dynamo(),
            request -> request instanceof PutItemRequest ? Fault.UNREACHABLE : Fault.NONE);

    var reply = call(erasures.eraser(down, System::nanoTime), Map.of("user_id", "ann"));

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.body().path("type").textValue()).endsWith(":audit-unavailable");
    assertThat(reply.headers().path("Retry-After").textValue()).isEqualTo("2");
    assertThat(table.record("a").has("message_preview")).isTrue();
  }

  @Test
  void anIntentThatIsStoredAndNotLinkedIsLoggedToBeReplayed() {
    erasures.store(intent("a"));
    var down = throttled(item -> text(item, "pk").startsWith("#chain#"));

    var reply = call(erasures.eraser(down, System::nanoTime), Map.of("user_id", "ann"));

    assertThat(reply.status()).isEqualTo(503);
    assertThat(table.record("a").has("message_preview")).isTrue();
    var line = erasures.log().of("audit_alternate").getFirst();
    assertThat(erasures.store(Json.STRICT.write(line.path("record")))).isEmpty();
    ChainCheck.assertLinked(table.records().values(), erasures.links());
  }

  @Test
  void allContentIsDeletedEvenIfItIsMoreThanAQueryReturns() {
    erasures.store(intent("a"));
    for (int n = 0; n < 4; n++) {
      var item =
          Map.of(
              "pk", AttributeValue.fromS("a"),
              "sk", AttributeValue.fromS("content#message#%02d".formatted(n)),
              "data", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[350_000])));
      table.dynamo().putItem(put -> put.tableName(table.config().table()).item(item));
    }

    assertCounts(erasures.erase("ann"), 1, 0);

    assertThat(erasures.itemsWithKey("content#")).isEmpty();
  }

  @Test
  void aCompletedRecordThatCannotBeStoredIsLoggedToBeReplayed() {
    erasures.store(intent("a"));
    var down = throttled(item -> AttributeValue.fromS("completed").equals(item.get("phase")));

    assertCounts(call(erasures.eraser(down, System::nanoTime), Map.of("user_id", "ann")), 1, 0);

    var line = erasures.log().of("audit_alternate").getFirst();
    assertThat(line.path("cause").textValue()).isEqualTo("throttled");
    assertThat(erasures.store(Json.STRICT.write(line.path("record")))).isEmpty();
    assertThat(erasures.erasure().path("erased").intValue()).isEqualTo(1);
  }
}
