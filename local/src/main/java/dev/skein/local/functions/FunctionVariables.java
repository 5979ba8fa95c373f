package dev.skein.local.functions;

import dev.skein.local.services.Arns;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import java.util.HashMap;
import java.util.Map;

/**
 * The environment variables of a function: the template's and those that Lambda sets. The user's
 * shell overrides variables that the template declares, and adds none.
 */
final class FunctionVariables {

  private FunctionVariables() {}

  /**
   * @param shell overrides variables that the template declares
   * @param addresses queue URLs and table names by logical ID
   * @param endpoints of the local services; set for every function
   */
  static Map<String, String> of(
      Deployment.Function function,
      Map<String, String> shell,
      Map<String, String> addresses,
      Map<String, String> endpoints) {
    Map<String, String> variables = new HashMap<>(ofLambda(function));
    if (!function.ownRuntime()) {
      variables.put("AWS_EXECUTION_ENV", "AWS_Lambda_java25");
    }
    function
        .environment()
        .forEach(
            (name, value) -> {
              String given = shell.get(name);
              variables.put(name, given != null ? given : text(value, addresses));
            });
    // They replace the region's endpoints, which the template sets.
    variables.putAll(endpoints);
    return variables;
  }

  private static String text(Value value, Map<String, String> addresses) {
    return switch (value) {
      case Value.Literal(String text) -> text;
      case Value.Reference(String id) -> {
        String address = addresses.get(id);
        if (address == null) {
          throw new IllegalArgumentException("there is no queue or table " + id);
        }
        yield address;
      }
    };
  }

  private static Map<String, String> ofLambda(Deployment.Function function) {
    return Map.ofEntries(
        Map.entry("_HANDLER", function.handler()),
        Map.entry("AWS_LAMBDA_FUNCTION_NAME", function.name()),
        Map.entry("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        Map.entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memorySize())),
        Map.entry("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        Map.entry("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name()),
        Map.entry("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        Map.entry("AWS_REGION", Arns.REGION),
        Map.entry("AWS_DEFAULT_REGION", Arns.REGION),
        // As in the cloud, each function has credentials of its own: a server can tell them apart.
        Map.entry("AWS_ACCESS_KEY_ID", function.name()),
        Map.entry("AWS_SECRET_ACCESS_KEY", "local"),
        Map.entry("AWS_SESSION_TOKEN", "local"),
        Map.entry("LANG", "en_US.UTF-8"),
        Map.entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
        Map.entry("TZ", ":UTC"));
  }
}
