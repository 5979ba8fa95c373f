package dev.skein.local.front;

import dev.skein.local.services.Arns;
import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.Route;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Decides which requests reach a function, as the authorizer, IAM, the usage plan and the stage's
 * throttling do in the cloud. Thread-safe.
 */
public final class Guard {

  /** The caller of a route that is not guarded. */
  static final String LOCAL = "local";

  private final ApiKeys keys;
  private final IamAccessKeys accessKeys;
  private final ApiLimits limits;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<String, TokenBucket> throttles = new ConcurrentHashMap<>();
  private final Map<String, QuotaCounter> quotas = new ConcurrentHashMap<>();

  /** Whether a request may pass. */
  sealed interface Decision {

    /**
     * It may.
     *
     * @param identity what is known of the caller, by the names of {@code requestContext.identity}
     */
    record Allowed(Map<String, String> identity) implements Decision {}

    /**
     * It may not.
     *
     * @param note for the console
     */
    record Refused(GatewayError error, String note) implements Decision {}
  }

  /**
   * @param keys of callers; if there are none, neither keys nor limits are checked
   * @param accessKeys that sign requests to IAM routes; if there are none, no signature is checked
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public Guard(
      ApiKeys keys,
      IamAccessKeys accessKeys,
      ApiLimits limits,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.keys = keys;
    this.accessKeys = accessKeys;
    this.limits = limits;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Lets everybody pass, as {@code local}. */
  static Guard open() {
    return new Guard(
        ApiKeys.NONE, IamAccessKeys.NONE, ApiLimits.NONE, InstantSource.system(), System::nanoTime);
  }

  Decision check(Exchange request, byte[] body, Route route) {
    Decision caller = caller(request, body, route);
    if (caller instanceof Decision.Allowed
        && keys.isRequired()
        && !stageAllows(route, request.method())) {
      return new Decision.Refused(GatewayError.THROTTLED, "throttled by the stage");
    }
    return caller;
  }

  private Decision caller(Exchange request, byte[] body, Route route) {
    if (route.iam()) {
      return accessKeys.isRequired() ? signer(request, body) : allowed("userArn", LOCAL);
    }
    if (!keys.isRequired()) {
      return allowed("apiKeyId", LOCAL);
    }
    return route.open() ? new Decision.Allowed(Map.of()) : keyHolder(request);
  }

  private Decision keyHolder(Exchange request) {
    Optional<String> key = ApiKeys.bearer(request.request().header("Authorization"));
    if (key.isEmpty()) {
      return new Decision.Refused(GatewayError.UNAUTHORIZED, "no API key");
    }
    Optional<String> name = keys.nameOf(key.get());
    if (name.isEmpty()) {
      return new Decision.Refused(GatewayError.INVALID_API_KEY, "an unknown API key");
    }
    return withinLimits(name.get());
  }

  private Decision withinLimits(String name) {
    boolean throttled =
        limits.throttle().isPresent()
            && !throttles
                .computeIfAbsent(
                    "key " + name, _ -> new TokenBucket(limits.throttle().get(), nanoTime))
                .tryAcquire();
    if (throttled) {
      return new Decision.Refused(GatewayError.THROTTLED, name + " is throttled");
    }
    boolean exhausted =
        limits.quota().isPresent()
            && !quotas
                .computeIfAbsent(name, _ -> new QuotaCounter(limits.quota().get(), clock))
                .tryUse();
    return exhausted
        ? new Decision.Refused(GatewayError.QUOTA_EXCEEDED, name + " has used up its quota")
        : allowed("apiKeyId", name);
  }

  private Decision signer(Exchange request, byte[] body) {
    String authorization = request.request().header("Authorization");
    if (authorization.isEmpty()) {
      return new Decision.Refused(GatewayError.MISSING_AUTHENTICATION_TOKEN, "no IAM signature");
    }
    return RequestSignature.parse(authorization)
        .filter(
            signature ->
                accessKeys
                    .find(signature.accessKeyId())
                    .filter(key -> signature.isValid(request, body, key, clock.instant()))
                    .isPresent())
        .map(RequestSignature::accessKeyId)
        .map(id -> allowed("userArn", "arn:aws:iam::%s:user/%s".formatted(Arns.ACCOUNT, id)))
        .orElse(new Decision.Refused(GatewayError.INVALID_SIGNATURE, "an invalid IAM signature"));
  }

  private boolean stageAllows(Route route, String method) {
    return limits.stage().stream()
        .filter(setting -> setting.appliesTo(route, method))
        .map(
            setting ->
                throttles.computeIfAbsent(
                    "stage " + method + " " + route.path(),
                    _ -> new TokenBucket(setting.throttle(), nanoTime)))
        .findFirst()
        .map(TokenBucket::tryAcquire)
        .orElse(true);
  }

  private static Decision allowed(String field, String value) {
    return new Decision.Allowed(Map.of(field, value));
  }
}
