package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.api.testing.FakeContext;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.ChainLink;
import dev.skein.base.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditConsumerFunctionTest {
  private static final Duration TIME = Duration.ofSeconds(30);
  private static final AttributeValue RECORD = AttributeValue.fromS("record");

  private final TestTable table;
  private final LogLines log = new LogLines();
  private final AuditConsumerFunction consumer;

  AuditConsumerFunctionTest(TestTable table) {
    this.table = table;
    this.consumer = consumer(table.dynamo());
  }

  private AuditConsumerFunction consumer(DynamoDbClient dynamo) {
    return new AuditConsumerFunction(
        new Composition(dynamo, table.config(), log.log()), System::nanoTime);
  }

  private List<String> consume(ObjectNode... messages) {
    return Samples.failures(consumer, event(messages), TIME);
  }

  @Test
  void anIntentIsStoredAsItWasSent() {
    assertThat(consume(message("m1", intent("a")))).isEmpty();

    assertStored(intent("a"));
    assertThat(table.items())
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item).extracting("pk").hasToString("AttributeValue(S=a)");
              assertThat(item).extracting("sk").hasToString("AttributeValue(S=record)");
              assertThat(item)
                  .extracting("time_and_id")
                  .hasToString("AttributeValue(S=2026-06-15T12:00:00.000Z#a)");
              assertThat(item)
                  .extracting("expires_at")
                  .hasToString(
                      "AttributeValue(N=%d)"
                          .formatted(NOON.plus(Duration.ofDays(365)).getEpochSecond()));
            });
  }

  @Test
  void theTableExpiresRecordsByTheAttributeThatIsWritten() {
    var expiry = TestTable.map(TestTable.properties(), "TimeToLiveSpecification");

    assertThat(expiry.get("AttributeName")).isEqualTo(AuditItem.EXPIRES_AT);
    assertThat(expiry.get("Enabled")).isEqualTo(true);
  }

  @Test
  void aCompletedRecordReplacesItsIntent() {
    assertThat(consume(message("m1", intent("a")))).isEmpty();
    assertThat(consume(message("m2", completed(intent("a"))))).isEmpty();

    assertStored(completed(intent("a")));
  }

  @Test
  void unknownTokensAndNoErrorAreKeptAsNull() {
    consume(message("m1", Samples.failed(intent("a"))), message("m2", completed(intent("b"))));

    assertThat(table.record("a").path("total_tokens").isNull()).isTrue();
    assertThat(table.record("b").path("error").isNull()).isTrue();
  }

  @Test
  void anIntentAfterItsCompletedRecordChangesNothing() {
    assertThat(consume(message("m1", completed(intent("a"))))).isEmpty();
    assertThat(consume(message("m2", intent("a")))).isEmpty();

    assertStored(completed(intent("a")));
    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(1);
  }

  /** What the table has is linked, not what the late message has. */
  @Test
  void theEntryOfADuplicateIsThatOfTheStoredRecord() {
    assertThat(consume(message("m1", completed(intent("a"))))).isEmpty();
    assertThat(consume(message("m2", intent("a")))).isEmpty();

    String entry = ChainLink.Entry.of(table.record("a")).toText();
    assertThat(log.of("audit_batch")).extracting(line -> line.path("link").asInt()).contains(1, 2);
    assertThat(ChainCheck.entriesOf(table.links())).containsExactly(entry);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void aFunctionWithAShortTimeoutStoresAndLinks(int seconds) {
    var messages = event(message("m1", intent("a")), message("m2", completed(intent("b"))));

    assertThat(Samples.failures(consumer, messages, Duration.ofSeconds(seconds))).isEmpty();

    assertStored(intent("a"), completed(intent("b")));
    assertThat(table.links()).hasSize(1);
  }

  @Test
  void aRedeliveredMessageIsADuplicate() {
    var messages =
        new ObjectNode[] {message("m1", intent("a")), message("m2", completed(intent("b")))};
    assertThat(consume(messages)).isEmpty();
    assertThat(consume(messages)).isEmpty();

    assertStored(intent("a"), completed(intent("b")));
    assertThat(log.of("audit_batch").getFirst().path("stored").asInt()).isEqualTo(2);
    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(2);
  }

  @Test
  void duplicatesInOneBatchAreStoredOnce() {
    assertThat(
            consume(
                message("m1", intent("a")),
                message("m2", intent("a")),
                message("m3", completed(intent("a"))),
                message("m4", completed(intent("a"))),
                message("m5", intent("a"))))
        .isEmpty();

    assertStored(completed(intent("a")));
    var line = log.of("audit_batch").getFirst();
    assertThat(line.path("messages").asInt()).isEqualTo(5);
    // The intent is stored too, or the completed record was faster.
    int stored = line.path("stored").asInt();
    assertThat(stored).isBetween(1, 2);
    assertThat(line.path("duplicates").asInt()).isEqualTo(5 - stored);
    assertThat(line.path("failed").asInt()).isZero();
  }

  @Test
  void aDuplicateIsRecognizedAfterTheRetentionHasChanged() {
    consume(message("m1", intent("a")));
    var later = new TableConfig(table.config().table(), Duration.ofDays(7));
    var reconfigured =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), later, log.log()), System::nanoTime);

    assertThat(Samples.failures(reconfigured, event(message("m2", intent("a"))), TIME)).isEmpty();
  }

  @Test
  void concurrentEnvironmentsStoreEachRecordOnce() throws Exception {
    int environments = 4;
    var start = new CyclicBarrier(environments);
    var batches = new ArrayList<Callable<List<String>>>();
    for (int i = 0; i < environments; i++) {
      var messages =
          new ArrayList<>(
              IntStream.range(0, 20)
                  .boxed()
                  .flatMap(
                      n ->
                          List.of(
                              message("i" + n, intent("a" + n)),
                              message("c" + n, completed(intent("a" + n))))
                              .stream())
                  .toList());
      Collections.rotate(messages, i);
      batches.add(
          () -> {
            start.await();
            return Samples.failures(consumer, event(messages), TIME);
          });
    }

    try (var threads = Executors.newFixedThreadPool(environments)) {
      for (var failures : threads.invokeAll(batches)) {
        assertThat(failures.get()).isEmpty();
      }
    }

    assertStored(
        IntStream.range(0, 20)
            .mapToObj(n -> completed(intent("a" + n)))
            .toArray(AuditRecord[]::new));
  }

  @Test
  void aDifferentRecordWithAStoredIdIsAConflictAndOverwritesNothing() {
    consume(message("m1", intent("a")), message("m2", completed(intent("b"))));

    assertThat(
            consume(
                message("m3", intent("a", NOON, "bob")),
                message("m4", completed(intent("a", NOON, "bob"))),
                message("m5", completed(intent("a", NOON.plusMillis(1), "ann"))),
                message("m6", Samples.failed(intent("b"))),
                message("m7", intent("b", NOON, "bob")),
                message("m8", intent("b", NOON.minusMillis(1), "ann"))))
        .containsExactly("m3", "m4", "m5", "m6", "m7", "m8");

    assertStored(intent("a"), completed(intent("b")));
    assertThat(log.of("audit_message_failed"))
        .hasSize(6)
        .allSatisfy(line -> assertThat(line.path("reason").asText()).isEqualTo("conflict"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"request_id", "endpoint", "identity", "message_preview"})
  void aCompletedRecordThatDiffersFromItsIntentIsAConflict(String field) {
    consume(message("m1", intent("a")), message("m2", completed(intent("b"))));
    ObjectNode result = completed(intent("a")).toJson().put(field, "another");
    ObjectNode late = intent("b").toJson().put(field, "another");

    assertThat(consume(message("m3", Json.STRICT.write(result)))).containsExactly("m3");
    assertThat(consume(message("m4", Json.STRICT.write(late)))).containsExactly("m4");

    assertStored(intent("a"), completed(intent("b")));
  }

  @Test
  void unknownFieldsAreStored() throws Exception {
    ObjectNode newer = completed(intent("a")).toJson();
    newer.put("region", "eu").putNull("tenant").put("price", 0.000125).put("big", 1e20);
    newer.putObject("deep").putArray("list").add(1).add("two").add(true).addNull().addObject();
    String body = Json.STRICT.write(newer);

    assertThat(consume(message("m1", body), message("m2", body))).isEmpty();

    var stored = table.record("a");
    assertThat(stored.path("price").decimalValue()).isEqualByComparingTo("0.000125");
    assertThat(stored.path("big").decimalValue()).isEqualByComparingTo("100000000000000000000");
    assertThat(Json.STRICT.write(stored.path("deep")))
        .isEqualTo(Json.STRICT.write(newer.path("deep")));
    assertThat(stored.path("region").asText()).isEqualTo("eu");
    assertThat(stored.path("tenant").isNull()).isTrue();
    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(1);
  }

  @Test
  void aNumberOfAnUnknownFieldKeepsAllOfItsDigits() {
    String body = Json.STRICT.write(completed(intent("a")).toJson());
    String digits = "0.1234567890123456789012345";
    body = body.substring(0, body.length() - 1) + ",\"cost\":" + digits + "}";

    assertThat(consume(message("m1", body), message("m2", body))).isEmpty();

    assertThat(Json.STRICT.write(table.record("a"))).contains("\"cost\":" + digits);
  }

  @Test
  void everyCharacterOfAStringIsStored() {
    var all = new StringBuilder();
    for (int c = 0; c < 0x3000; c++) {
      all.appendCodePoint(c);
    }
    all.append("\ufffe\uffff").appendCodePoint(0x10ffff);
    ObjectNode record = intent("a").toJson().put("message_preview", all.toString());

    assertThat(consume(message("m1", Json.STRICT.write(record)))).isEmpty();

    assertThat(table.record("a").path("message_preview").asText()).isEqualTo(all.toString());
  }

  /** Whatever the table does to a value, the verifier reads what was hashed. */
  @Test
  void theChainHasTheDigestsOfTheRecordsAsTheTableReturnsThem() {
    String body = Json.STRICT.write(completed(intent("a")).toJson());
    String odd = ",\"cost\":1.50E-7,\"big\":1E20,\"list\":[-0.0,12.340,{\"n\":1e2}],\"none\":null}";
    String newer = body.substring(0, body.length() - 1) + odd;

    assertThat(
            consume(message("m1", newer), message("m2", intent("b")), message("m3", intent("b"))))
        .isEmpty();

    var links = links();
    ChainCheck.assertLinked(table.records().values(), links);
    assertThat(ChainCheck.entriesOf(links)).hasSize(2);
    var line = log.of("audit_batch").getFirst();
    var link = ChainLink.fromJson(AuditItem.record(links.getFirst())).orElseThrow();
    assertThat(line.path("chain").asInt()).isEqualTo(link.chain());
    assertThat(line.path("link").asLong()).isEqualTo(1);
    assertThat(line.path("sha256").asText()).isEqualTo(link.sha256());
  }

  private List<Map<String, AttributeValue>> links() {
    return table
        .patient()
        .scanPaginator(scan -> scan.tableName(table.config().table()).consistentRead(true))
        .items()
        .stream()
        .filter(item -> String.valueOf(item.get("pk")).contains("#chain#"))
        .toList();
  }

  @Test
  void withoutAChainNoLinkIsWritten() {
    var config = new StoreConfig(false, Duration.ofDays(30));
    var unchained =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), config, System::nanoTime);

    assertThat(Samples.failures(unchained, event(message("m1", intent("a"))), TIME)).isEmpty();

    assertThat(links()).isEmpty();
    assertStored(intent("a"));
    assertThat(log.of("audit_batch").getFirst().has("chain")).isFalse();
  }

  @Test
  void whatIsStoredButNotLinkedFailsAndIsLinkedWithTheNextDelivery() {
    var first = new AtomicBoolean(true);
    var unlinking =
        new WrappedDynamo(
            table.dynamo(),
            request -> {
              if (!request.item().containsKey("audit_id") && first.getAndSet(false)) {
                throw new StackOverflowError();
              }
              return request;
            });
    var fragile = consumer(unlinking);
    var event = event(message("m1", intent("a")), message("m2", "poison"));

    assertThat(Samples.failures(fragile, event, TIME)).containsExactly("m1", "m2");
    assertStored(intent("a"));
    assertThat(links()).isEmpty();
    assertThat(log.of("audit_message_failed").getFirst().path("detail").asText())
        .isEqualTo("the link of the hash chain: StackOverflowError");

    assertThat(Samples.failures(fragile, event, TIME)).containsExactly("m2");
    ChainCheck.assertLinked(table.records().values(), links());
  }

  @Test
  void aFailedMessageIsLoggedWithTheRequestThatItIsTheRecordOf() {
    ObjectNode other = completed(intent("a")).toJson().put("endpoint", "another");
    consume(message("m1", intent("a")));
    consume(message("m2", Json.STRICT.write(other)));
    consume(message("m3", "{\"request_id\":\"the caller's text\"}"), message("m4", "poison"));

    assertThat(log.of("audit_message_failed"))
        .extracting(line -> line.path("message_id").asText() + line.path("request_id").asText())
        .containsExactly("m2request-of-a", "m3", "m4");
    assertThat(log.of("audit_message_failed").getFirst().path("trace_id").asText())
        .isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
  }

  @Test
  void anErrorThrownForOneMessageFailsThatMessageAlone() {
    var fragile =
        new WrappedDynamo(
            table.dynamo(),
            request -> {
              if ("AttributeValue(S=b)".equals(String.valueOf(request.item().get("audit_id")))) {
                throw new StackOverflowError("the message's content");
              }
              return request;
            });

    var response =
        Samples.failures(
            consumer(fragile),
            event(
                message("m1", intent("a")), message("m2", intent("b")), message("m3", intent("c"))),
            TIME);

    assertThat(response).containsExactly("m2");
    assertStored(intent("a"), intent("c"));
    assertThat(log.of("audit_message_failed").getFirst().path("reason").asText()).isEqualTo("bug");
    assertThat(log.of("bug").getFirst().path("fault").asText())
        .isEqualTo("java.lang.StackOverflowError");
    assertThat(log.text()).doesNotContain("content");
  }

  @Test
  void messagesThatAreNotReachedInTimeFail() {
    var nanos = new AtomicLong();
    var slow =
        new WrappedDynamo(
            table.dynamo(),
            request -> {
              nanos.addAndGet(Duration.ofSeconds(1).toNanos());
              return request;
            });
    var consumer =
        new AuditConsumerFunction(new Composition(slow, table.config(), log.log()), nanos::get);

    // 30 s less the reserves: no write begins after 25 of them, but some were then in work.
    var response =
        Samples.failures(
            consumer,
            event(
                IntStream.rangeClosed(1, 60)
                    .mapToObj(n -> message("m" + n, intent("a" + n)))
                    .toList()),
            TIME);

    assertThat(response).hasSizeBetween(60 - 25 - BatchWriter.CONCURRENCY, 60 - 25);
    assertThat(table.records()).hasSize(60 - response.size());
    assertThat(log.of("audit_message_failed"))
        .hasSize(response.size())
        .allSatisfy(line -> assertThat(line.path("reason").asText()).isEqualTo("out_of_time"));
  }

  @Test
  void anInvocationWithoutTimeLeftFailsAllMessages() {
    var response =
        Samples.failures(
            consumer, event(message("m1", intent("a")), message("m2", "poison")), Duration.ZERO);

    assertThat(response).containsExactly("m1", "m2");
    assertStored();
  }

  @Test
  void anEventWithoutMessagesHasNoFailures() {
    for (var event :
        List.of(Json.object(), Json.object().putNull("Records"), event(new ObjectNode[0]))) {
      var response = Samples.failures(consumer, event, TIME);

      assertThat(response).isEmpty();
    }
    assertThat(log.of("audit_batch")).hasSize(3);
  }

  /** Else the start would rehearse only a refusal. */
  @Test
  void theRehearsedEventHasARecordThatIsStored() throws Exception {
    var event = Json.STRICT.parse(AuditConsumerFunction.rehearsedEvent());

    assertThat(Samples.failures(consumer, event, TIME)).isEmpty();
    assertThat(table.records()).containsOnlyKeys("rehearsed");
  }

  @Test
  void anEventThatIsNoJsonFailsTheWholeBatch() {
    assertThatThrownBy(
            () ->
                consumer.handleRequest(
                    new ByteArrayInputStream("no JSON".getBytes(StandardCharsets.US_ASCII)),
                    OutputStream.nullOutputStream(),
                    new FakeContext(TIME)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the event ");
  }

  /** Strictly read, one such message would fail the others in each of its deliveries. */
  @Test
  void aMessageThatIsNotUnicodeFailsAlone() throws Exception {
    String event =
        """
        {"Records":[{"messageId":"m1","body":"\\ud800"},{"messageId":"m2","body":%s}]}\
        """
            .formatted(Json.STRICT.write(TextNode.valueOf(Samples.body(intent("a")))));
    var response = new ByteArrayOutputStream();
    consumer.handleRequest(
        new ByteArrayInputStream(event.getBytes(StandardCharsets.US_ASCII)),
        response,
        new FakeContext(TIME));

    assertThat(response.toString(StandardCharsets.US_ASCII))
        .isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"m1\"}]}");
    assertStored(intent("a"));
  }

  @Test
  void aMessageIdThatFailedAndSucceededIsReportedOnce() {
    assertThat(
            consume(
                message("same", intent("a")),
                message("same", "poison"),
                message("same", "poison"),
                message("other", intent("b"))))
        .containsExactly("same");

    assertStored(intent("a"), intent("b"));
  }

  /** Lambda treats an empty identifier as a failed batch and keeps every message. */
  @Test
  void aFailedMessageWithoutAnIdFailsTheWholeBatch() {
    assertThat(consume(message(null, "poison"), message("", "poison"))).containsExactly("");
    assertThat(consume(message("m1", intent("a")), message(null, "poison"))).containsExactly("");
    assertThat(consume(message("", "poison"), message("m1", intent("a")))).containsExactly("");
    assertThat(Samples.failures(consumer, withNullElement(), TIME)).containsExactly("");

    assertStored(intent("a"));
    assertThat(log.of("audit_message_failed"))
        .hasSize(5)
        .allSatisfy(line -> assertThat(line.path("level").asText()).isEqualTo("ERROR"));
  }

  private static ObjectNode withNullElement() {
    var event = event(message("m1", intent("a")));
    event.withArray("Records").addNull();
    return event;
  }

  @Test
  void aStoredMessageWithoutAnIdNeedsNoReport() {
    assertThat(consume(message(null, Samples.body(intent("a"))))).isEmpty();

    assertStored(intent("a"));
  }

  @Test
  void tenMessagesAreStoredAtTheSameTime() {
    var messages = IntStream.range(0, 10).mapToObj(n -> message("m" + n, intent("a" + n))).toList();
    var begun = new CountDownLatch(messages.size());
    var together =
        LocalDynamo.client(
            table.endpoint(),
            call -> {
              if (call instanceof PutItemRequest put && RECORD.equals(put.item().get("sk"))) {
                begun.countDown();
                awaitAll(begun);
              }
            });

    assertThat(Samples.failures(consumer(together), event(messages), TIME)).isEmpty();
    assertThat(table.records()).hasSize(messages.size());
  }

  /** A write that waits in vain for the others fails, and its message with it. */
  private static void awaitAll(CountDownLatch begun) {
    try {
      if (!begun.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not all writes have begun");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, ProvisionedThroughputExceededException, throttled, 3",
    "400, ThrottlingException, throttled, 3",
    "400, RequestLimitExceeded, throttled, 3",
    "500, InternalServerError, unavailable, 3",
    "503, ServiceUnavailable, unavailable, 3",
    "400, AccessDeniedException, unavailable, 1",
  })
  void anErrorOfTheTableFailsTheMessage(int status, String code, String reason, int attempts) {
    try (var endpoint = FailingEndpoint.answering(status, code)) {
      var failing = consumer(LocalDynamo.client(endpoint.uri()));

      var response = Samples.failures(failing, event(message("m1", intent("a"))), TIME);

      assertThat(response).containsExactly("m1");
      assertThat(endpoint.calls()).isEqualTo(attempts);
      var line = log.of("audit_message_failed").getFirst();
      assertThat(line.path("level").asText()).isEqualTo("WARN");
      assertThat(line.path("message_id").asText()).isEqualTo("m1");
      assertThat(line.path("reason").asText()).isEqualTo(reason);
      assertThat(line.path("detail").asText()).isEqualTo(code);
      assertThat(log.text()).doesNotContain("prose");
    }
  }

  @Test
  void aMissingTableFailsTheMessage() {
    var config = new TableConfig("no-such-table", Duration.ofDays(1));
    var lost =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), config, log.log()), System::nanoTime);

    var response = Samples.failures(lost, event(message("m1", intent("a"))), TIME);

    assertThat(response).containsExactly("m1");
    assertThat(log.of("audit_message_failed").getFirst().path("detail").asText())
        .isEqualTo("ResourceNotFoundException");
  }

  private void assertStored(AuditRecord... records) {
    assertThat(table.records().values().stream().map(Json.STRICT::write))
        .containsExactlyInAnyOrder(
            Arrays.stream(records).map(Samples::body).toArray(String[]::new));
  }
}
