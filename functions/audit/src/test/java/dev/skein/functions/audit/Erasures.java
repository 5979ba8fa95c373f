package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Erasures of a test table, and what they leave. */
final class Erasures {
  static final String ERASED_AT = "2026-06-16T12:00:00.000Z";
  private static final InstantSource CLOCK =
      InstantSource.fixed(Samples.NOON.plus(Duration.ofDays(1)));

  private final TestTable table;
  private final LogLines log = new LogLines();

  Erasures(TestTable table) {
    this.table = table;
  }

  LogLines log() {
    return log;
  }

  private Composition root(DynamoDbClient dynamo) {
    return new Composition(dynamo, table.config(), log.log());
  }

  List<String> store(Object... messages) {
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

  AuditEraserFunction eraser(DynamoDbClient dynamo, LongSupplier nanoTime) {
    return new AuditEraserFunction(root(dynamo), StoreConfig.DEFAULT, CLOCK, nanoTime);
  }

  static ApiCall call(AuditEraserFunction eraser, Map<String, String> query) {
    var event = ApiCall.event("DELETE", "/audit", "");
    var parameters = event.putObject("queryStringParameters");
    query.forEach(parameters::put);
    return ApiCall.of(eraser, event, Duration.ofSeconds(28));
  }

  ApiCall erase(String userId) {
    return call(eraser(table.dynamo(), System::nanoTime), Map.of("user_id", userId));
  }

  static void assertCounts(ApiCall reply, int erased, int alreadyErased) {
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(reply.body().path("erased").intValue()).isEqualTo(erased);
    assertThat(reply.body().path("already_erased").intValue()).isEqualTo(alreadyErased);
    assertThat(reply.body().path("next_cursor").isNull()).isTrue();
  }

  static String withContent(AuditRecord record, String member) {
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

  static String text(Map<String, AttributeValue> item, String name) {
    return Objects.requireNonNull(item.get(name)).s();
  }

  List<Map<String, AttributeValue>> itemsWithKey(String key) {
    return all().stream().filter(item -> text(item, "sk").startsWith(key)).toList();
  }

  Collection<Map<String, AttributeValue>> links() {
    return all().stream().filter(item -> text(item, "pk").startsWith("#chain#")).toList();
  }

  /** The record of the only erasure. */
  ObjectNode erasure() {
    return table.records().values().stream()
        .filter(record -> record.path("endpoint").asText().equals("/audit"))
        .reduce(
            (a, b) -> {
              throw new AssertionError("two erasures");
            })
        .orElseThrow();
  }
}
