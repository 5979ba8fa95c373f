package dev.skein.local.template;

import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an {@code AWS::Serverless::Api}: locally only its gateway responses matter. */
final class ApiReader {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?[A-Za-z]\\w*(\\.\\w+)*");

  private ApiReader() {}

  /** The responses by type, for example {@code THROTTLED}. */
  static Map<String, GatewayResponse> gatewayResponses(Section resource) {
    Section api =
        resource.section(
            "Properties",
            "GatewayResponses",
            "AccessLogSetting AlwaysDeploy ApiKeySourceType Auth Description EndpointAccessMode"
                + " EndpointConfiguration MethodSettings Name OpenApiVersion SecurityPolicy"
                + " StageName Tags TracingEnabled");
    Section declared =
        api.section(
            "GatewayResponses",
            "DEFAULT_4XX DEFAULT_5XX INTEGRATION_FAILURE INTEGRATION_TIMEOUT"
                + " MISSING_AUTHENTICATION_TOKEN REQUEST_TOO_LARGE THROTTLED",
            "ACCESS_DENIED AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE EXPIRED_TOKEN"
                + " INVALID_API_KEY INVALID_SIGNATURE QUOTA_EXCEEDED UNAUTHORIZED WAF_FILTERED");
    Map<String, GatewayResponse> responses = new HashMap<>();
    for (String type : declared.entries().keySet()) {
      responses.put(
          type,
          response(declared.section(type, "StatusCode ResponseParameters ResponseTemplates", "")));
    }
    return responses;
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
