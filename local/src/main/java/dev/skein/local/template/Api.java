package dev.skein.local.template;

import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@code AWS::Serverless::Api}.
 *
 * @param iam whether callers sign with IAM where an event says nothing of it
 * @param gatewayResponses by response type
 */
record Api(String name, boolean iam, Map<String, GatewayResponse> gatewayResponses) {

  /** Without effect: where and for whom it listens, what it costs, counts and logs. */
  private static final Keys PROPERTIES =
      new Keys(
          Resource.API,
          "Auth GatewayResponses",
          "AccessLogSetting AlwaysDeploy ApiKeySourceType Description DisableExecuteApiEndpoint"
              + " EndpointConfiguration FailOnWarnings MethodSettings Name OpenApiVersion"
              + " PropagateTags SecurityPolicy StageName Tags TracingEnabled");

  /** Without effect: no key, token or signature is checked here. */
  private static final Keys AUTH =
      new Keys(
          "an API's Auth",
          "DefaultAuthorizer",
          "AddApiKeyRequiredToCorsPreflight AddDefaultAuthorizerToCorsPreflight ApiKeyRequired"
              + " Authorizers InvokeRole ResourcePolicy UsagePlan");

  private static final Keys RESPONSES =
      new Keys(
          "GatewayResponses",
          "ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE"
              + " BAD_REQUEST_BODY BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN"
              + " INTEGRATION_FAILURE INTEGRATION_TIMEOUT INVALID_API_KEY INVALID_SIGNATURE"
              + " MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE RESOURCE_NOT_FOUND"
              + " THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED");

  private static final Keys RESPONSE =
      new Keys("a gateway response", "StatusCode ResponseParameters ResponseTemplates");
  private static final Keys PARAMETERS = new Keys("ResponseParameters", "Headers");
  private static final Keys TEMPLATES = new Keys("ResponseTemplates", "application/json");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?[A-Za-z]\\w*(\\.\\w+)*");

  /** The template's API, if it has one; this machine has one front door, and refuses a second. */
  static Optional<Api> readOnly(List<Resource> apis, Intrinsics intrinsics) {
    if (apis.size() > 1) {
      String first = apis.getFirst().name();
      throw apis.get(1)
          .place()
          .error("is a second API beside " + first + "; this machine runs one: remove one");
    }
    return apis.stream().findFirst().map(api -> read(api, intrinsics));
  }

  private static Api read(Resource resource, Intrinsics intrinsics) {
    Section api = Section.of(resource.properties(), PROPERTIES, intrinsics);
    Optional<String> authorizer = api.section("Auth", AUTH).optionalText("DefaultAuthorizer");
    Section declared = api.section("GatewayResponses", RESPONSES);
    Map<String, GatewayResponse> responses = new HashMap<>();
    for (String type : declared.node().entries().keySet()) {
      responses.put(type, response(declared.section(type, RESPONSE)));
    }
    boolean iam = authorizer.filter("AWS_IAM"::equals).isPresent();
    return new Api(resource.name(), iam, Map.copyOf(responses));
  }

  private static GatewayResponse response(Section response) {
    Map<String, String> headers = new HashMap<>();
    response
        .section("ResponseParameters", PARAMETERS)
        .mapping("Headers")
        .entries()
        .forEach((name, value) -> headers.put(name, constant(response.intrinsics(), value)));
    Section templates = response.section("ResponseTemplates", TEMPLATES);
    String body = templates.text("application/json");
    Matcher variable = VARIABLE.matcher(body);
    while (variable.find()) {
      if (!variable.group().equals("$context.requestId")) {
        throw templates.error(
            "application/json",
            "may hold only $context.requestId on this machine, not " + variable.group());
      }
    }
    return new GatewayResponse(response.integer("StatusCode", 100, 599), headers, body);
  }

  private static String constant(Intrinsics intrinsics, TemplateNode value) {
    String text = intrinsics.text(value);
    if (!text.matches("'[^']*'")) {
      throw value.error("must be a constant in single quotes, such as \"'text/plain'\"");
    }
    return text.substring(1, text.length() - 1);
  }
}
