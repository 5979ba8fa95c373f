package dev.skein.local.template;

import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Quota;
import dev.skein.local.template.Deployment.StageThrottle;
import dev.skein.local.template.Deployment.Throttle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an {@code AWS::Serverless::Api}: its gateway responses, and how often it can be called. */
final class ApiReader {

  /** What of Auth makes no difference locally, where {@code API_KEYS} says which keys there are. */
  private static final String AUTH =
      "AddApiKeyRequiredToCorsPreflight AddDefaultAuthorizerToCorsPreflight ApiKeyRequired"
          + " Authorizers DefaultAuthorizer InvokeRole ResourcePolicy";

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?[A-Za-z]\\w*(\\.\\w+)*");

  private ApiReader() {}

  /** The responses by type, for example {@code THROTTLED}. */
  static Map<String, GatewayResponse> gatewayResponses(Section resource) {
    Section declared =
        properties(resource)
            .section(
                "GatewayResponses",
                "DEFAULT_4XX DEFAULT_5XX INTEGRATION_FAILURE INTEGRATION_TIMEOUT INVALID_API_KEY"
                    + " INVALID_SIGNATURE MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED"
                    + " REQUEST_TOO_LARGE THROTTLED UNAUTHORIZED",
                "ACCESS_DENIED AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE EXPIRED_TOKEN"
                    + " WAF_FILTERED");
    Map<String, GatewayResponse> responses = new HashMap<>();
    for (String type : declared.entries().keySet()) {
      responses.put(
          type,
          response(declared.section(type, "StatusCode ResponseParameters ResponseTemplates", "")));
    }
    return responses;
  }

  /**
   * The limits of the usage plan and of the stage.
   *
   * @param usagePlan an {@code AWS::ApiGateway::UsagePlan}; empty for the one in the API's Auth
   */
  static ApiLimits limits(Section resource, Optional<Section> usagePlan) {
    Section api = properties(resource);
    Section plan =
        usagePlan
            .map(own -> plan(own, "Properties"))
            .orElseGet(() -> plan(api.section("Auth", "UsagePlan", AUTH), "UsagePlan"));
    List<StageThrottle> stage = new ArrayList<>();
    for (Section setting :
        api.sections(
            "MethodSettings",
            "HttpMethod ResourcePath ThrottlingBurstLimit ThrottlingRateLimit",
            "CachingEnabled DataTraceEnabled LoggingLevel MetricsEnabled")) {
      if (setting.has("ThrottlingRateLimit")) {
        stage.add(
            new StageThrottle(
                setting.text("ResourcePath").replace("~1", "/").replaceFirst("^/+", "/"),
                setting.text("HttpMethod"),
                throttle(setting, "ThrottlingRateLimit", "ThrottlingBurstLimit")));
      }
    }
    // An exact path before the one for all, as in API Gateway.
    stage.sort(Comparator.comparing(setting -> setting.path().equals("/*")));
    return new ApiLimits(
        part(plan, "Throttle", "BurstLimit RateLimit")
            .map(throttle -> throttle(throttle, "RateLimit", "BurstLimit")),
        part(plan, "Quota", "Limit Offset Period").map(ApiReader::quota),
        stage);
  }

  private static Section plan(Section owner, String key) {
    return owner.section(
        key, "Quota Throttle", "ApiStages CreateUsagePlan Description Tags UsagePlanName");
  }

  private static Section properties(Section resource) {
    return resource.section(
        "Properties",
        "Auth GatewayResponses MethodSettings",
        "AccessLogSetting AlwaysDeploy ApiKeySourceType Description DisableExecuteApiEndpoint"
            + " EndpointAccessMode EndpointConfiguration Name OpenApiVersion SecurityPolicy"
            + " StageName Tags TracingEnabled");
  }

  /** Empty if it is absent, or a condition makes it absent. */
  private static Optional<Section> part(Section plan, String key, String supported) {
    boolean present =
        plan.has(key) && !Intrinsics.isNoValue(plan.intrinsics().select(plan.value(key)));
    return present ? Optional.of(plan.section(key, supported, "")) : Optional.empty();
  }

  private static Throttle throttle(Section section, String rate, String burst) {
    String text = section.text(rate);
    if (!text.matches("\\d{1,9}(\\.\\d{1,9})?")) {
      throw section.error(rate, "must be a number, not " + text);
    }
    return new Throttle(Double.parseDouble(text), section.integer(burst, 0, 999_999_999));
  }

  private static Quota quota(Section quota) {
    return new Quota(
        quota.integer("Limit", 0, 999_999_999),
        Quota.Period.valueOf(quota.oneOf("Period", "DAY", "WEEK", "MONTH")));
  }

  private static GatewayResponse response(Section response) {
    Map<String, String> headers = new HashMap<>();
    response
        .section("ResponseParameters", "Headers", "")
        .mapping("Headers")
        .forEach(
            (name, value) -> {
              YamlNode selected = response.intrinsics().select(value);
              if (!Intrinsics.isNoValue(selected)) {
                headers.put(name, header(selected));
              }
            });
    Section templates = response.section("ResponseTemplates", "application/json", "");
    String body = templates.text("application/json");
    Matcher variable = VARIABLE.matcher(body);
    while (variable.find()) {
      if (!variable.group().equals("$context.requestId")) {
        throw templates.error(
            "application/json", "supports only $context.requestId, not " + variable.group());
      }
    }
    return new GatewayResponse(response.integer("StatusCode", 100, 599), headers, body);
  }

  private static String header(YamlNode value) {
    String text = value.text();
    if (text.equals("context.requestId")) {
      return "$" + text;
    }
    if (!text.matches("'[^']*'")) {
      throw value.error(
          "must be context.requestId or a constant in single quotes, such as \"'text/plain'\"");
    }
    return text.substring(1, text.length() - 1);
  }
}
