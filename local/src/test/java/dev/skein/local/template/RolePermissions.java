package dev.skein.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the functions' roles in template.yaml allow. */
public final class RolePermissions {
  private static final Pattern ATTRIBUTE = Pattern.compile("\\$\\{(\\w+)\\.Arn}");
  private static final Pattern PARAMETER = Pattern.compile("\\$\\{(\\w+)}");

  private RolePermissions() {}

  /**
   * One action on one resource that a role allows.
   *
   * @param action for example {@code dynamodb:Query}
   * @param resource by logical ID, as in {@code AuditTable/index/*}, or by name, if it is not in
   *     the template; with the wildcards of IAM
   */
  public record Permission(String function, String action, String resource) {

    /** Whether it allows this call. */
    public boolean allows(String caller, String called, String target) {
      return function.equals(caller) && action.equals(called) && matches(target);
    }

    private boolean matches(String target) {
      String pattern = Pattern.quote(resource).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
      return target.matches(pattern);
    }

    @Override
    public String toString() {
      return function + " " + action + " " + resource;
    }
  }

  /** The permissions of all functions, each with the names of parameters replaced by defaults. */
  public static List<Permission> all() {
    var permissions = new ArrayList<Permission>();
    TemplateJson.resources(TemplateJson.FUNCTION)
        .forEach(
            (function, resource) -> {
              String role = resource.at("/Properties/Role/Fn::GetAtt").asText();
              for (JsonNode statement :
                  TemplateJson.statements(role.substring(0, role.length() - ".Arn".length()))) {
                of(function, statement).forEach(permissions::add);
              }
            });
    return permissions;
  }

  private static Stream<Permission> of(String function, JsonNode statement) {
    return TemplateJson.actions(statement).stream()
        .flatMap(
            action ->
                TemplateJson.texts(statement.path("Resource"))
                    .map(resource -> new Permission(function, action, name(resource))));
  }

  private static String name(JsonNode resource) {
    if (resource.has("Fn::GetAtt")) {
      return resource.path("Fn::GetAtt").asText().replaceFirst("\\.Arn$", "");
    }
    if (resource.has("Fn::Sub")) {
      String text =
          ATTRIBUTE.matcher(resource.path("Fn::Sub").asText()).replaceAll(it -> it.group(1));
      String last = text.substring(text.lastIndexOf(':') + 1);
      return PARAMETER
          .matcher(last)
          .replaceAll(it -> TemplateJson.parameter(it.group(1)).path("Default").asText());
    }
    return resource.path("Ref").asText(resource.asText());
  }
}
