package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What bounds the cost of a runaway caller, as template.yaml says. Each rule has its reason and,
 * where a tool has the same rule, the tool's ID, as in {@link PermissionRulesTest}.
 */
class LimitRulesTest {

  private static final List<String> MODEL_FUNCTIONS = List.of("ChatFunction", "AnalyzeFunction");

  private final Deployment deployment =
      TemplateReader.read(Path.of("..").toAbsolutePath().normalize().resolve("template.yaml"));

  @Test
  void everyKeyHasARateABurstAndAQuota() {
    JsonNode plan = TemplateJson.properties("UsagePlan");

    assertThat(plan.at("/Throttle/RateLimit/Ref").asText())
        .as("ES2003: the limits are parameters")
        .isEqualTo("KeyRateLimit");
    assertThat(plan.at("/Throttle/BurstLimit/Ref").asText()).isEqualTo("KeyBurstLimit");
    assertThat(plan.at("/Quota/Limit/Ref").asText()).isEqualTo("KeyDailyQuota");
    assertThat(plan.at("/Quota/Period").asText()).isEqualTo("DAY");
  }

  @Test
  void everyRouteThatCallsTheModelHasALimitForAllCallersTogether() {
    var limits = methodSettings();
    var posted = List.of("/chat", "/v1/chat/completions", "/v1/completions", "/v1/embeddings");

    assertThat(limits).as("ES2003: a stage without a limit").containsKey("/* *");
    for (Function function : deployment.functions()) {
      for (Route route : function.routes()) {
        boolean model =
            posted.contains(route.path())
                || (function.name().equals("AnalyzeFunction") && route.method().equals("ANY"));
        if (model) {
          JsonNode limit = limits.getOrDefault(route.path() + " POST", MissingNode.getInstance());
          assertThat(limit.at("/ThrottlingRateLimit/Ref").asText())
              .as("ES2003: %s", route.path())
              .isEqualTo("RouteRateLimit");
          assertThat(limit.at("/ThrottlingBurstLimit/Ref").asText()).isEqualTo("RouteBurstLimit");
        }
      }
    }
  }

  @Test
  void everyPreflightHasTheLimitOfARouteBecauseItNeedsNoKey() {
    var limits = methodSettings();
    deployment.functions().stream()
        .flatMap(function -> function.routes().stream())
        .filter(route -> route.method().equals("OPTIONS"))
        .forEach(
            route -> {
              JsonNode limit =
                  limits.getOrDefault(route.path() + " OPTIONS", MissingNode.getInstance());
              assertThat(limit.at("/ThrottlingRateLimit/Ref").asText())
                  .as("ES2003: preflight of %s", route.path())
                  .isEqualTo("RouteRateLimit");
            });
  }

  @Test
  void everyOtherRouteWithoutAKeyHasALimitOfItsOwn() {
    var limits = methodSettings();
    deployment.functions().stream()
        .flatMap(function -> function.routes().stream())
        .filter(route -> route.open() && !route.iam() && !route.method().equals("OPTIONS"))
        .forEach(
            route -> {
              JsonNode limit =
                  limits.getOrDefault(
                      route.path() + " " + route.method(), MissingNode.getInstance());
              assertThat(limit.path("ThrottlingRateLimit").asInt(100))
                  .as("ES2003: anybody can call %s", route.path())
                  .isLessThanOrEqualTo(5);
            });
  }

  @Test
  void everyLimitIsOfARouteThatExists() {
    var paths =
        deployment.functions().stream()
            .flatMap(function -> function.routes().stream())
            .map(Route::path)
            .toList();

    assertThat(methodSettings().keySet())
        .allMatch(method -> method.equals("/* *") || paths.contains(method.split(" ", -1)[0]));
  }

  @Test
  void everyFunctionHasAReservedConcurrencyIfTheParameterIsSet() {
    TemplateJson.resources(TemplateJson.FUNCTION)
        .forEach(
            (name, function) -> {
              JsonNode reserved = function.at("/Properties/ReservedConcurrentExecutions/Fn::If");
              assertThat(reserved.path(0).asText())
                  .as("CKV_AWS_115: %s", name)
                  .isEqualTo("HasReservedConcurrency");
              assertThat(reserved.path(1).path("Ref").asText().equals("ReservedConcurrency"))
                  .as("what calls the model is bounded by the parameter: %s", name)
                  .isEqualTo(MODEL_FUNCTIONS.contains(name));
            });
    assertThat(TemplateJson.parameter("ReservedConcurrency").path("Default").asText())
        .as("a new account has 10 in all, and must keep 10 unreserved: a default would not deploy")
        .isEqualTo("0");
  }

  @Test
  void theQueueInvokesNoMoreConsumersThanAreReserved() {
    for (Function function : deployment.functions()) {
      int reserved =
          TemplateJson.properties(function.name())
              .at("/ReservedConcurrentExecutions/Fn::If/1")
              .asInt();
      function
          .queueSources()
          .forEach(
              source ->
                  assertThat(source.maximumConcurrency())
                      .as("throttled batches end in the dead-letter queue")
                      .hasValueSatisfying(it -> assertThat(it).isLessThanOrEqualTo(reserved)));
    }
  }

  @Test
  void theFunctionsTimeoutIsWithinApiGateways() {
    for (Function function : deployment.functions()) {
      for (Route route : function.routes()) {
        // A preflight is answered in milliseconds, whatever the function's timeout is.
        if (!route.method().equals("OPTIONS")) {
          assertThat(function.timeout())
              .as("otherwise the caller pays for a reply that nobody gets: %s", route)
              .isLessThanOrEqualTo(route.timeout());
        }
      }
    }
  }

  @Test
  void theModelCallsEndBeforeTheFunctionAndTheAuditSendBeforeTheReserve() {
    for (String name : MODEL_FUNCTIONS) {
      Function function = function(name);
      Duration reserve = millis(function, "DEADLINE_RESERVE_MS");

      assertThat(millis(function, "AUDIT_TIMEOUT_MS")).as(name).isLessThan(reserve);
      assertThat(reserve.multipliedBy(2)).as(name).isLessThan(function.timeout());
    }
    assertThat(millis(function("ChatFunction"), "REQUEST_TIMEOUT_MS"))
        .isLessThan(function("ChatFunction").timeout());
  }

  @Test
  void aMessageStaysInvisibleForSixTimeoutsOfItsConsumer() {
    for (Function function : deployment.functions()) {
      function
          .queueSources()
          .forEach(
              source ->
                  assertThat(deployment.queue(source.queue()).visibilityTimeout())
                      .as("a batch that is still being stored would be delivered again")
                      .isGreaterThanOrEqualTo(
                          function.timeout().multipliedBy(6).plus(source.window())));
    }
  }

  private static Map<String, JsonNode> methodSettings() {
    var settings = new HashMap<String, JsonNode>();
    for (JsonNode item : TemplateJson.properties("Api").path("MethodSettings")) {
      JsonNode setting = item.path("Fn::If").path(1).isMissingNode() ? item : item.at("/Fn::If/1");
      String path = setting.path("ResourcePath").asText().replace("/~1", "/").replace("~1", "/");
      settings.put(path + " " + setting.path("HttpMethod").asText(), setting);
    }
    return settings;
  }

  private Function function(String name) {
    return deployment.functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Duration millis(Function function, String variable) {
    return function.environment().get(variable) instanceof Value.Literal(String text)
        ? Duration.ofMillis(Long.parseLong(text))
        : Duration.ZERO;
  }
}
