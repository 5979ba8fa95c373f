package dev.skein.local.front;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.handlers.ScriptedFunction;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.Quota;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.StageThrottle;
import dev.skein.local.template.Deployment.Throttle;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Keys, signatures, throttling and quotas, in front of a function that returns its event. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
final class GuardTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ALICE = "sk-skein-the-key-of-alice";
  private static final String BOB = "sk-skein-the-key-of-bob-1";
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final Throttle TWO_AT_ONCE = new Throttle(0.5, 2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
  private FunctionPool pool;
  private @Nullable FrontDoor door;

  @BeforeAll
  void startFunction(@TempDir Path folder) {
    pool =
        FunctionPool.open(
            TestFunctions.of("Scripted", ScriptedFunction.class, folder),
            new FunctionPool.Context(
                TestFunctions.RUNTIME, folder.resolve("work"), Map.of(), Map.of(), Map.of()),
            new FunctionPool.Limits(1, 1000, Duration.ofSeconds(20)),
            children,
            screen.console());
  }

  @AfterEach
  void closeDoor() {
    if (door != null) {
      door.close();
    }
    assertThat(screen.text()).doesNotContain("the front door failed", ALICE, BOB, "the-secret");
  }

  @AfterAll
  void stopFunction() {
    pool.close();
    children.close();
    http.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer " + ALICE, "bearer " + ALICE, "BEARER  " + ALICE + " "})
  void aKeyIsTheCallersIdentity(String authorization) throws Exception {
    open(ApiLimits.NONE);

    HttpResponse<String> response = get("/any", authorization);

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode identity = JSON.readTree(response.body()).at("/requestContext/identity");
    assertThat(identity.path("apiKeyId").textValue()).isEqualTo("alice");
    assertThat(identity.path("apiKey").isNull()).isTrue();
    assertThat(identity.path("userArn").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 401, UNAUTHORIZED",
    "sk-skein-the-key-of-alice, 401, UNAUTHORIZED",
    "Basic sk-skein-the-key-of-alice, 401, UNAUTHORIZED",
    "Bearer, 401, UNAUTHORIZED",
    "Bearer too-short, 401, UNAUTHORIZED",
    "Bearer sk-skein the-key-of-alice, 401, UNAUTHORIZED",
    "Bearer sk-skein-the-key-of-alicE, 403, INVALID_API_KEY",
    "Bearer sk-skein-the-key-of-alice2, 403, INVALID_API_KEY",
  })
  void anotherKeyIsRefused(String authorization, int status, String error) throws Exception {
    open(ApiLimits.NONE);

    HttpResponse<String> response = get("/any", authorization);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo("{\"message\":\"%s\"}".formatted(message(error)));
  }

  private static String message(String error) {
    return error.equals("UNAUTHORIZED") ? "Unauthorized" : "Forbidden";
  }

  @Test
  void preflightsAndUnknownRoutesNeedNoKey() throws Exception {
    open(ApiLimits.NONE);
    HttpRequest preflight =
        HttpRequest.newBuilder(uri("/any")).method("OPTIONS", BodyPublishers.noBody()).build();

    HttpResponse<String> response = http.send(preflight, BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).at("/requestContext/identity/apiKeyId").isNull())
        .isTrue();
    assertThat(get("/nowhere", "").statusCode()).isEqualTo(403);
    assertThat(get("/nowhere", "").body()).contains("Missing Authentication Token");
  }

  @Test
  void aKeyIsThrottledAsTheUsagePlanSaysAndTheOthersAreNot() throws Exception {
    open(new ApiLimits(Optional.of(TWO_AT_ONCE), Optional.empty(), List.of()));

    assertThat(statuses(3, ALICE)).containsExactly(200, 200, 429);
    assertThat(statuses(1, BOB)).containsExactly(200);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(statuses(2, ALICE)).containsExactly(200, 429);
    assertThat(get("/any", "Bearer " + ALICE).body()).contains("Too Many Requests");
    assertThat(screen.text()).contains("alice is throttled");
  }

  @Test
  void aRestAllowsNoMoreThanTheBurst() throws Exception {
    open(new ApiLimits(Optional.of(TWO_AT_ONCE), Optional.empty(), List.of()));
    assertThat(statuses(1, ALICE)).containsExactly(200);

    nanos.addAndGet(Duration.ofHours(1).toNanos());

    assertThat(statuses(3, ALICE)).containsExactly(200, 200, 429);
  }

  @ParameterizedTest
  @CsvSource({
    "DAY, 2026-11-28T23:59:59Z, 2026-11-29T00:00:00Z",
    "WEEK, 2026-11-28T23:59:59Z, 2026-11-29T00:00:00Z",
    "MONTH, 2026-11-30T23:59:59Z, 2026-12-01T00:00:00Z",
  })
  void aKeyHasItsQuotaInEachPeriod(Quota.Period period, Instant end, Instant next)
      throws Exception {
    open(new ApiLimits(Optional.empty(), Optional.of(new Quota(2, period)), List.of()));

    assertThat(statuses(3, ALICE)).containsExactly(200, 200, 429);
    now.set(end);
    assertThat(get("/any", "Bearer " + ALICE).body()).contains("Limit Exceeded");
    assertThat(statuses(1, BOB)).containsExactly(200);
    now.set(next);
    assertThat(statuses(3, ALICE)).containsExactly(200, 200, 429);
  }

  @Test
  void refusedRequestsDoNotCountTowardsTheQuota() throws Exception {
    open(
        new ApiLimits(
            Optional.of(TWO_AT_ONCE), Optional.of(new Quota(3, Quota.Period.DAY)), List.of()));

    assertThat(statuses(4, ALICE)).containsExactly(200, 200, 429, 429);
    nanos.addAndGet(Duration.ofSeconds(4).toNanos());
    assertThat(statuses(2, ALICE)).containsExactly(200, 429);
    assertThat(screen.text()).contains("alice has used up its quota");
  }

  @Test
  void theStageThrottlesEachRouteForAllCallersAlsoForThoseWithoutAKey() throws Exception {
    open(
        new ApiLimits(
            Optional.empty(),
            Optional.empty(),
            List.of(
                new StageThrottle("/any", "GET", TWO_AT_ONCE),
                new StageThrottle("/*", "*", new Throttle(1, 1)))));

    assertThat(statuses(2, ALICE)).containsExactly(200, 200);
    assertThat(statuses(1, BOB)).containsExactly(429);
    HttpRequest preflight =
        HttpRequest.newBuilder(uri("/any")).method("OPTIONS", BodyPublishers.noBody()).build();
    assertThat(http.send(preflight, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    assertThat(http.send(preflight, BodyHandlers.ofString()).statusCode()).isEqualTo(429);
  }

  @Test
  void requestsWithoutAValidKeyDoNotCountTowardsTheStagesLimit() throws Exception {
    open(
        new ApiLimits(
            Optional.empty(),
            Optional.empty(),
            List.of(new StageThrottle("/any", "GET", TWO_AT_ONCE))));

    assertThat(statuses(3, "sk-skein-the-key-of-nobody")).containsExactly(403, 403, 403);
    assertThat(statuses(3, ALICE)).containsExactly(200, 200, 429);
  }

  @Test
  void withoutKeysEveryoneIsLocalAndNothingIsLimited() throws Exception {
    open(
        ApiKeys.NONE,
        IamAccessKeys.parse("AKIDEXAMPLE:the-secret"),
        new ApiLimits(
            Optional.of(TWO_AT_ONCE),
            Optional.of(new Quota(2, Quota.Period.DAY)),
            List.of(new StageThrottle("/*", "*", TWO_AT_ONCE))));

    for (int i = 0; i < 4; i++) {
      HttpResponse<String> response = get("/any", "");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(JSON.readTree(response.body()).at("/requestContext/identity/apiKeyId").asText())
          .isEqualTo("local");
    }
    assertThat(get("/iam", "").statusCode()).isEqualTo(403);
  }

  @Test
  void withoutAccessKeysNoSignatureIsChecked() throws Exception {
    open(ApiKeys.parse("alice:" + ALICE), IamAccessKeys.NONE, ApiLimits.NONE);

    HttpResponse<String> response = get("/iam", "");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).at("/requestContext/identity/userArn").asText())
        .isEqualTo("local");
    assertThat(get("/any", "").statusCode()).isEqualTo(401);
  }

  @Test
  void aSignatureIsTheCallersIdentity() throws Exception {
    open(ApiLimits.NONE);

    for (String path : List.of("/iam", "/iam?b=2&a=1&a=%C3%A9%20&a-b=~&c=*")) {
      HttpResponse<String> response = signed(path, "AKIDEXAMPLE", "the-secret", NOON);
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      JsonNode identity = JSON.readTree(response.body()).at("/requestContext/identity");
      assertThat(identity.path("userArn").textValue())
          .isEqualTo("arn:aws:iam::000000000000:user/AKIDEXAMPLE");
      assertThat(identity.path("apiKeyId").isNull()).isTrue();
    }
  }

  @Test
  void anotherSignatureIsRefused() throws Exception {
    open(ApiLimits.NONE);

    assertThat(get("/iam", "").body()).contains("Missing Authentication Token");
    assertThat(get("/iam", "Bearer " + ALICE).statusCode()).isEqualTo(403);
    Instant late = NOON.minus(Duration.ofMinutes(6));
    assertThat(signed("/iam", "AKIDEXAMPLE", "the-secret", late).statusCode()).isEqualTo(403);
    assertThat(signed("/iam", "AKIDEXAMPLE", "another", NOON).statusCode()).isEqualTo(403);
    assertThat(signed("/iam", "AKIDUNKNOWN", "the-secret", NOON).statusCode()).isEqualTo(403);
    HttpRequest replayed =
        HttpRequest.newBuilder(
                sign("/iam?user_id=a", "AKIDEXAMPLE", "the-secret", NOON), (name, value) -> true)
            .uri(uri("/iam?user_id=b"))
            .build();
    assertThat(http.send(replayed, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    assertThat(screen.text()).contains("an invalid IAM signature");
  }

  @Test
  void aRequestThatIsSignedByHandIsAccepted() throws Exception {
    open(ApiLimits.NONE);

    assertThat(status(handSigned().sign())).isEqualTo(200);
    HandSignedRequest posted = handSigned();
    posted.method = "POST";
    posted.body = "{}";
    posted.headers.put("x-custom", "a");
    assertThat(status(posted.sign())).isEqualTo(200);
    posted.headers.put("x-unsigned", "b");
    assertThat(status(posted)).isEqualTo(200);
    assertThat(status(handSigned(NOON.minus(Duration.ofMinutes(5))).sign())).isEqualTo(200);
    assertThat(status(handSigned(NOON.plus(Duration.ofMinutes(5))).sign())).isEqualTo(200);
  }

  @Test
  void aSignatureOfSomethingElseIsRefused() throws Exception {
    open(ApiLimits.NONE);

    for (var mistake : HandSignedRequest.mistakes().entrySet()) {
      HandSignedRequest request = handSigned();
      mistake.getValue().accept(request);
      assertThat(status(request.sign())).as(mistake.getKey()).isEqualTo(403);
    }
    for (var change : HandSignedRequest.changes().entrySet()) {
      HandSignedRequest request = handSigned();
      request.method = "POST";
      request.body = "one";
      request.headers.put("x-custom", "a");
      request.sign();
      change.getValue().accept(request);
      assertThat(status(request)).as(change.getKey()).isEqualTo(403);
    }
    for (Duration away : List.of(Duration.ofSeconds(301), Duration.ofSeconds(-301))) {
      assertThat(status(handSigned(NOON.plus(away)).sign())).as("%s", away).isEqualTo(403);
    }
  }

  private HandSignedRequest handSigned() {
    return handSigned(NOON);
  }

  private HandSignedRequest handSigned(Instant time) {
    return new HandSignedRequest(uri("/iam"), time);
  }

  private int status(HandSignedRequest request) throws IOException, InterruptedException {
    return http.send(request.request(), BodyHandlers.ofString()).statusCode();
  }

  private void open(ApiLimits limits) {
    open(
        ApiKeys.parse("alice:%s, bob:%s".formatted(ALICE, BOB)),
        IamAccessKeys.parse("AKIDEXAMPLE:the-secret"),
        limits);
  }

  private void open(ApiKeys keys, IamAccessKeys accessKeys, ApiLimits limits) {
    now.set(NOON);
    door =
        FrontDoor.open(
            new FrontDoor.Plan(
                0,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                64 * 1024),
            List.of(
                new FrontDoor.Target(new Route("ANY", "/any", false), pool),
                new FrontDoor.Target(
                    new Route("OPTIONS", "/any", false, true, false, Route.TIMEOUT), pool),
                new FrontDoor.Target(new Route("ANY", "/iam", true), pool),
                new FrontDoor.Target(new Route("ANY", "/iam-other", true), pool)),
            Map.of(),
            new Guard(keys, accessKeys, limits, now::get, nanos::get),
            screen.console());
  }

  private URI uri(String path) {
    return URI.create(Objects.requireNonNull(door).uri() + path);
  }

  private HttpResponse<String> get(String path, String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private List<Integer> statuses(int count, String key) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      statuses.add(get("/any", "Bearer " + key).statusCode());
    }
    return statuses;
  }

  private HttpResponse<String> signed(String path, String id, String secret, Instant time)
      throws IOException, InterruptedException {
    return http.send(sign(path, id, secret, time), BodyHandlers.ofString());
  }

  /** As the AWS SDK signs it. */
  private HttpRequest sign(String path, String id, String secret, Instant time) {
    SdkHttpRequest unsigned =
        SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(uri(path)).build();
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                r ->
                    r.identity(AwsCredentialsIdentity.create(id, secret))
                        .request(unsigned)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1")
                        .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(time, ZoneOffset.UTC)))
            .request();
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    signed.forEachHeader(
        (name, values) -> {
          if (!name.equalsIgnoreCase("Host")) {
            values.forEach(value -> request.header(name, value));
          }
        });
    return request.build();
  }
}
