package dev.skein.functions.audit;

import static dev.skein.api.FieldErrors.pointer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.FieldErrors;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Settings;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import dev.skein.runtime.StreamingHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * {@code DELETE /audit}: erases the texts of one user's records, newest first, and leaves what is
 * counted: {@code user_id} is required, and {@code cursor} is the {@code next_cursor} of the
 * request before. The reply says how many records were {@code erased} and {@code already_erased};
 * {@code next_cursor} is null once there are no older records. Requests can be repeated. Each is
 * itself audited, before its first erasure and after its last. Thread-safe.
 */
public final class AuditEraserFunction implements RequestStreamHandler {
  private static final Set<String> KNOWN = Set.of("user_id", "cursor");
  private static final int MAX_USER_ID = 128;

  /** Reserved for the completed record and the response. */
  private static final Duration RESERVE = Duration.ofSeconds(5);

  private static final Problem UNAVAILABLE =
      new Problem(
          "audit-unavailable",
          "Audit trail unavailable",
          503,
          "The audit trail is temporarily unavailable. Retry after the time in Retry-After: what"
              + " was erased stays erased.",
          List.of(),
          Map.of("Retry-After", "2"));

  static final String REHEARSED =
      """
      {"resource":"/audit","path":"/audit","httpMethod":"DELETE","headers":{"Accept":"*/*"},\
      "queryStringParameters":{"user_id":"primed"},\
      "requestContext":{"requestId":"primed","identity":{}},"body":null,"isBase64Encoded":false}\
      """;

  private final Composition root;
  private final ErasureTrail trail;
  private final InstantSource clock;
  private final ApiFunction api;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or invalid
   */
  public AuditEraserFunction() {
    this(
        Composition.start(
            root -> StreamingHandler.of(new AuditEraserFunction(root)), REHEARSED, "{}"));
  }

  private AuditEraserFunction(Composition root) {
    this(
        root,
        StoreConfig.from(new Settings(System.getenv())),
        InstantSource.system(),
        System::nanoTime);
  }

  AuditEraserFunction(
      Composition root, StoreConfig config, InstantSource clock, LongSupplier nanoTime) {
    this.root = root;
    this.clock = clock;
    this.trail = new ErasureTrail(root, config, clock, nanoTime);
    this.api =
        new ApiFunction(
            List.of(new Route("DELETE", RecordEraser.ENDPOINT, this::erase)), root.log(), nanoTime);
  }

  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    api.serve(event, response, context);
  }

  private ApiResponse erase(ApiRequest request, Deadline invocation) throws RefusedException {
    var errors = new FieldErrors();
    QueryParameters.checkRepeated(request, errors);
    request.query().keySet().stream()
        .filter(name -> !KNOWN.contains(name))
        .sorted()
        .forEach(name -> errors.add(pointer(name), "is not a parameter of this route"));
    String userId = userId(request, errors);
    Optional<String> before = before(request, errors);
    errors.check();

    var started = trail.begin(request, userId, invocation);
    if (started.isEmpty()) {
      throw new RefusedException(UNAVAILABLE);
    }
    var eraser = new RecordEraser(root.dynamo(), root.config(), clock, invocation.less(RESERVE));
    Optional<Problem> problem = erase(eraser, userId, before);
    started.get().end(eraser.erased(), problem);
    if (problem.isPresent()) {
      throw new RefusedException(problem.get());
    }
    return ApiResponse.ok(reply(eraser, started.get().intent()));
  }

  /** What prevented the erasure of some records; empty if nothing did. */
  private static Optional<Problem> erase(
      RecordEraser eraser, String userId, Optional<String> before) {
    var result =
        TableFailure.resultOf(
            () -> {
              eraser.erase(userId, before);
              return new Stored();
            });
    return result instanceof NotStored ? Optional.of(UNAVAILABLE) : Optional.empty();
  }

  private static ObjectNode reply(RecordEraser eraser, AuditRecord intent) {
    return Json.object()
        .put("erased", eraser.erased())
        .put("already_erased", eraser.alreadyErased())
        .put("next_cursor", eraser.next().map(AuditEraserFunction::cursor).orElse(null))
        .put("request_id", intent.requestId())
        .put("audit_id", intent.auditId());
  }

  private static String userId(ApiRequest request, FieldErrors errors) {
    String userId = request.query().getOrDefault("user_id", "");
    if (userId.isEmpty() || userId.codePointCount(0, userId.length()) > MAX_USER_ID) {
      errors.add("/user_id", "must be a string of 1 to %d characters".formatted(MAX_USER_ID));
    }
    return userId;
  }

  private static Optional<String> before(ApiRequest request, FieldErrors errors) {
    var cursor = Optional.ofNullable(request.query().get("cursor"));
    var key = cursor.flatMap(AuditEraserFunction::key);
    if (cursor.isPresent() && key.isEmpty()) {
      errors.add("/cursor", "must be the next_cursor of an earlier reply");
    }
    return key;
  }

  private static String cursor(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> key(String cursor) {
    try {
      return Optional.of(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8))
          .filter(AuditItem::isKey);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
