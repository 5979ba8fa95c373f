package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.functions.audit.AuditIndex.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/**
 * {@code GET /audit}: returns audit records, newest first, of one {@code user_id} or of all users.
 *
 * <p>{@code from} (inclusive) and {@code to} (exclusive) are times or UTC dates; they default to
 * the beginning of the retention period and to now. {@code limit} is 1 to 100, by default 20. Every
 * page but the last has a {@code next_cursor}, to be sent with the same {@code user_id}, {@code
 * from} and {@code to}. A page with fewer records than the limit, or none, may have one: a page
 * ends early if its records are large or after a search of 32 days. Thread-safe.
 */
public final class AuditReaderFunction implements RequestStreamHandler {
  /** Reserved for the response. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  static final String REHEARSED =
      """
      {"resource":"/audit","path":"/audit","httpMethod":"GET","headers":{"Accept":"*/*"},\
      "queryStringParameters":{"user_id":"primed","limit":"1"},\
      "requestContext":{"requestId":"primed","identity":{}},"body":null,"isBase64Encoded":false}\
      """;

  static final String TABLE_REPLY =
      """
      {"Count":1,"Items":[{"audit_id":{"S":"primed"},"prompt_tokens":{"N":"1"},"timestamp":{"S":"2026-01-01T00:00:00.000Z"}}]}\
      """;

  private final AuditIndex index;
  private final InstantSource clock;
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
    this.index = new AuditIndex(root.dynamo(), root.config());
    this.clock = clock;
    var routes =
        List.of(
            new Route("GET", "/audit", this::read),
            // API Gateway sends it to the eraser; here it is a method that the path has.
            new Route("DELETE", "/audit", AuditReaderFunction::elsewhere));
    this.api = new ApiFunction(routes, root.log(), nanoTime);
  }

  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    api.serve(event, response, context);
  }

  private ApiResponse read(ApiRequest request, Deadline deadline) throws RefusedException {
    AuditQuery query = QueryParameters.read(request.query());
    Page page = page(query, deadline.less(RESERVE));
    var body = Json.object();
    body.putArray("records").addAll(page.records());
    body.put("next_cursor", page.next().map(query::cursor).orElse(null));
    return ApiResponse.ok(body);
  }

  private static ApiResponse elsewhere(ApiRequest request, Deadline deadline)
      throws RefusedException {
    throw new RefusedException(Problem.notFound("Another function answers DELETE /audit."));
  }

  private Page page(AuditQuery query, Deadline deadline) throws RefusedException {
    try {
      return index.page(query, clock.instant(), deadline);
    } catch (SdkClientException e) {
      throw unavailable();
    } catch (DynamoDbException e) {
      if (e.isThrottlingException() || e.statusCode() >= 500) {
        throw unavailable();
      }
      // A fault in the deployment or in this code, such as a missing permission: see the log.
      throw e;
    }
  }

  private static RefusedException unavailable() {
    return new RefusedException(
        new Problem(
            "audit-unavailable",
            "Audit trail unavailable",
            503,
            "The audit trail is temporarily unavailable. Retry after the time in Retry-After.",
            List.of(),
            Map.of("Retry-After", "2")));
  }
}
