package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * The sums of the records of a query: of all, by time, by model and by user. Its memory does not
 * depend on the number of records. Not thread-safe.
 */
final class TrailSummary {
  private final SummaryQuery query;
  private final @Nullable Sums[] buckets;
  private final SumsByName models = new SumsByName("model");
  private final SumsByName users = new SumsByName("user_id");
  private int records;

  private TrailSummary(SummaryQuery query) {
    this.query = query;
    this.buckets = new Sums[(int) query.buckets()];
  }

  /** A reply, and of how many records it has the sums. */
  record Reply(ObjectNode body, int records) {}

  /**
   * Reads the records, oldest first.
   *
   * @param timeUp when it stops, even if it has not read them all: the reply then says at which
   *     time the next request goes on
   * @throws software.amazon.awssdk.core.exception.SdkException if the table cannot be read
   */
  static Reply read(AuditTable table, SummaryQuery query, Deadline timeUp) {
    var summary = new TrailSummary(query);
    var scan = new RecordScan(table, query.filters(), query.range());
    while (summary.addNext(scan, timeUp)) {
      // It has read some more.
    }
    return new Reply(summary.json(scan), summary.records);
  }

  /** Whether there is more to read, and time for it. */
  private boolean addNext(RecordScan scan, Deadline timeUp) {
    try {
      scan.next(timeUp).forEach(this::add);
    } catch (SdkClientException | UncheckedIOException e) {
      // What began before the time was up may end too late: then the sums are of all before it.
      if (!timeUp.hasPassed() || !scan.hasAdvanced()) {
        throw e;
      }
    }
    return !scan.hasEnded() && !(timeUp.hasPassed() && scan.hasAdvanced());
  }

  private void add(ObjectNode record) {
    int n = query.bucket(Instant.parse(record.path("timestamp").asText()));
    Sums bucket = buckets[n];
    if (bucket == null) {
      bucket = new Sums();
      buckets[n] = bucket;
    }
    bucket.add(record);
    models.add(record);
    users.add(record);
    records++;
  }

  private ObjectNode json(RecordScan scan) {
    var json = Json.object();
    json.put("from", Log.timestamp(query.from()));
    json.put("to", Log.timestamp(query.to()));
    json.put("interval_s", query.interval().toSeconds());
    var totals = new Sums();
    ObjectNode first = json.putObject("totals");
    var list = json.putArray("buckets");
    for (int n = 0; n < buckets.length; n++) {
      Sums bucket = buckets[n] == null ? new Sums() : buckets[n];
      ObjectNode sums = list.addObject().put("start", Log.timestamp(query.start(n)));
      bucket.writeTo(sums);
      if (query.histograms()) {
        bucket.writeHistogramsTo(sums);
      }
      totals.add(bucket);
    }
    totals.writeTo(first);
    models.writeTo(json, "models");
    users.writeTo(json, "users");
    json.put("complete", scan.hasEnded());
    json.put("next_from", scan.hasEnded() ? null : scan.reached());
    return json;
  }
}
