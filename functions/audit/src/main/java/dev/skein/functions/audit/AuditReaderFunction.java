package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.functions.audit.AuditQuery.Position;
import dev.skein.functions.audit.QueryParameters.Many;
import dev.skein.functions.audit.QueryParameters.One;
import dev.skein.functions.audit.ReadLog.Counted;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/**
 * {@code GET /audit}: audit records, newest first, of all requests or of those that its filters
 * select. As JSON it returns a page and its sums; as lines of JSON or CSV it streams all of them.
 * {@code GET /audit/summary}: the sums of the records. {@code GET /audit/chain}: the links of the
 * hash chains. Thread-safe.
 */
public final class AuditReaderFunction implements StreamingHandler {
  /** Characters of JSON. Escaped, they at most double, and stay below Lambda's 6 MB. */
  static final int MAX_PAGE_CHARACTERS = 2_500_000;

  /** Reserved for the response. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  /** For a page: a front door that does not stream waits for 29 s. */
  private static final Duration PAGE_TIME = Duration.ofSeconds(10);

  /** After it a page has what was found so far. */
  private static final Duration SEARCH_TIME = Duration.ofSeconds(6);

  /** For a summary: a front door that does not stream waits for 29 s. */
  private static final Duration SUMMARY_TIME = Duration.ofSeconds(25);

  /** Of the time of a summary, for the records whose keys were already read. */
  private static final Duration LAST_READS = Duration.ofSeconds(5);

  static final String REHEARSED =
      """
      {"resource":"/audit","path":"/audit","httpMethod":"GET","headers":{"Accept":"*/*"},\
      "queryStringParameters":{"user_id":"primed","limit":"1"},\
      "requestContext":{"requestId":"primed","identity":{}},"body":null,"isBase64Encoded":false}\
      """;

  static final String TABLE_REPLY =
      """
      {"Count":1,"Items":[{"time_and_id":{"S":"2026-01-01T00:00:00.000Z#primed"}}],\
      "Responses":{"rehearsed":[{"pk":{"S":"primed"},"audit_id":{"S":"primed"},\
      "user_id":{"S":"primed"},"prompt_tokens":{"N":"1"},\
      "timestamp":{"S":"2026-01-01T00:00:00.000Z"}}]},"UnprocessedKeys":{}}\
      """;

  private final Composition root;
  private final InstantSource clock;
  private final Exports exports;
  private final ReadLog reads;
  private final ApiFunction api;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or invalid
   */
  public AuditReaderFunction() {
    this(Composition.start(AuditReaderFunction::new, REHEARSED, TABLE_REPLY));
  }

  private AuditReaderFunction(Composition root) {
    this(root, InstantSource.system(), System::nanoTime);
  }

  AuditReaderFunction(Composition root, InstantSource clock, LongSupplier nanoTime) {
    this.root = root;
    this.clock = clock;
    this.exports = new Exports(root.buffered());
    this.reads = new ReadLog(root.log());
    var routes =
        List.of(
            new Route("GET", "/audit", this::read),
            new Route("GET", "/audit/summary", this::summary),
            new Route("GET", "/audit/chain", this::chain),
            // API Gateway sends it to the eraser; here it is a method that the path has.
            new Route("DELETE", "/audit", AuditReaderFunction::elsewhere));
    this.api = new ApiFunction(routes, root.log(), nanoTime);
  }

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    ResponseWriter.write(api.answer(event, context), response, context);
  }

  private ApiResponse read(ApiRequest request, Deadline deadline) throws RefusedException {
    var format = AuditFormat.negotiate(accept(request), List.of(AuditFormat.values()));
    var selection = QueryParameters.read(request, format != AuditFormat.JSON);
    Deadline end = deadline.less(RESERVE);
    return reads.logged(
        request,
        () ->
            switch (selection) {
              case One one -> orUnavailable(() -> one(one, format, end.atMost(PAGE_TIME)));
              case Many many when format == AuditFormat.JSON ->
                  orUnavailable(() -> page(many.query(), end.atMost(PAGE_TIME)));
              case Many many -> orUnavailable(() -> export(many.query(), format, end));
            });
  }

  private static ApiResponse elsewhere(ApiRequest request, Deadline deadline)
      throws RefusedException {
    throw new RefusedException(Problem.notFound("Another function answers DELETE /audit."));
  }

  private static String accept(ApiRequest request) {
    return request.headers().getOrDefault("accept", "");
  }

  private AuditTable table(Deadline deadline) {
    return new AuditTable(root.dynamo(), root.config(), deadline);
  }

  private Counted one(One one, AuditFormat format, Deadline deadline) {
    var table = table(deadline);
    var records = table.records(List.of("#" + one.auditId()));
    if (format != AuditFormat.JSON) {
      return counted(exports.of(records, format), records);
    }
    ObjectNode body = body(records, Optional.empty());
    if (one.content()) {
      body.set("content", StoredContent.read(table, one.auditId(), clock.instant()));
    }
    return counted(ok(body), records);
  }

  private static Counted counted(ApiResponse response, List<ObjectNode> records) {
    int count = records.size();
    return new Counted(response, () -> count);
  }

  private AuditRecords records(AuditQuery query, Deadline deadline, Deadline timeUp) {
    Instant now = clock.instant();
    return new AuditRecords(
        table(deadline), query, query.range(now, root.config().retention()), timeUp);
  }

  private Counted page(AuditQuery query, Deadline deadline) {
    var found = records(query, deadline, deadline.atMost(SEARCH_TIME));
    var page = new ArrayList<ObjectNode>();
    int room = MAX_PAGE_CHARACTERS;
    // One record more than the page has shows whether there is a next page, and where.
    for (ObjectNode record : found.next(query.limit() + 1)) {
      room -= Json.STRICT.write(record).length();
      if (page.size() == query.limit() || (room < 0 && !page.isEmpty())) {
        return counted(ok(body(page, Optional.of(query.cursor(at(record))))), page);
      }
      page.add(record);
    }
    Optional<String> next =
        found.hasEnded() ? Optional.empty() : Optional.of(query.cursor(found.position()));
    return counted(ok(body(page, next)), page);
  }

  private static Position at(ObjectNode record) {
    return new Position(AuditItem.timeAndId(record), false);
  }

  private static ObjectNode body(List<ObjectNode> records, Optional<String> next) {
    var body = Json.object();
    body.putArray("records").addAll(records);
    body.set("summary", PageSummary.of(records));
    body.put("next_cursor", next.orElse(null));
    return body;
  }

  private static ApiResponse ok(ObjectNode body) {
    return ApiResponse.ok(body).with(Map.of("Vary", "Accept"));
  }

  private Counted export(AuditQuery query, AuditFormat format, Deadline deadline)
      throws RefusedException {
    var rows = new RecordRows(records(query, deadline, deadline), query, format);
    return new Counted(exports.of(rows, format, deadline), rows::written);
  }

  private ApiResponse summary(ApiRequest request, Deadline deadline) throws RefusedException {
    var _ = AuditFormat.negotiate(accept(request), List.of(AuditFormat.JSON));
    SummaryQuery query = QueryParameters.summary(request, clock.instant());
    Deadline end = deadline.less(RESERVE).atMost(SUMMARY_TIME);
    return reads.logged(
        request,
        () ->
            orUnavailable(
                () -> {
                  var reply = TrailSummary.read(table(end), query, end.less(LAST_READS));
                  return new Counted(ok(reply.body()), reply::records);
                }));
  }

  private ApiResponse chain(ApiRequest request, Deadline deadline) throws RefusedException {
    var format =
        AuditFormat.negotiate(accept(request), List.of(AuditFormat.JSONL, AuditFormat.NDJSON));
    QueryParameters.requireNone(request);
    Deadline end = deadline.less(RESERVE);
    return reads.logged(
        request,
        () ->
            orUnavailable(
                () -> {
                  var rows = new ChainRows(table(end));
                  return new Counted(exports.of(rows, format, end), rows::written);
                }));
  }

  private static Counted orUnavailable(ReadLog.Read read) throws RefusedException {
    try {
      return read.run();
    } catch (SdkClientException | UncheckedIOException e) {
      // The second comes from a response that was interrupted because the call ran out of time.
      throw new RefusedException(AuditProblems.unavailable());
    } catch (DynamoDbException e) {
      if (e.isThrottlingException() || e.statusCode() >= 500) {
        throw new RefusedException(AuditProblems.unavailable());
      }
      // A fault in the deployment or in this code, such as a missing permission: see the log.
      throw e;
    }
  }
}
