package dev.skein.local.template;

import dev.skein.local.template.Deployment.Value;
import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Reference;
import dev.skein.local.template.TemplateNode.Scalar;
import dev.skein.local.template.TemplateNode.Sequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a function's environment variables. */
final class Environment {

  private static final Keys ENVIRONMENT = new Keys("Environment", "Variables");

  /** What Lambda sets, and refuses in a template. */
  private static final List<String> RESERVED =
      List.of(
          ("AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV"
                  + " AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME"
                  + " AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE"
                  + " AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API"
                  + " AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LAMBDA_RUNTIME_DIR"
                  + " LAMBDA_TASK_ROOT")
              .split(" "));

  /** The secret's name or ARN; what may follow says which part and version of it. */
  private static final Pattern SECRET =
      Pattern.compile(
          "\\{\\{resolve:secretsmanager:"
              + "(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:}]+|[^:}]+)(:[^}]*)?}}");

  private Environment() {}

  static Map<String, Value> read(Section function) {
    Intrinsics intrinsics = function.intrinsics();
    Map<String, Value> values = new HashMap<>();
    Mapping variables = function.section("Environment", ENVIRONMENT).mapping("Variables");
    variables
        .entries()
        .forEach(
            (name, node) -> {
              if (!name.matches("[a-zA-Z][a-zA-Z0-9_]+")) {
                throw node.error("a variable is a letter, then letters, digits and _; rename it");
              }
              if (RESERVED.contains(name)) {
                throw node.error("Lambda itself sets this variable; remove it");
              }
              intrinsics
                  .resolve(node)
                  .ifPresent(value -> values.put(name, value(value, intrinsics)));
            });
    return values;
  }

  private static Value value(TemplateNode node, Intrinsics intrinsics) {
    return switch (node) {
      case Scalar scalar -> text(scalar);
      case Reference reference -> reference(reference, intrinsics);
      case Sequence _, Mapping _ -> throw node.error("must be text, not a list or a mapping");
    };
  }

  private static Value text(Scalar scalar) {
    if (!scalar.text().contains("{{resolve:")) {
      return new Value.Literal(scalar.text());
    }
    Matcher secret = SECRET.matcher(scalar.text());
    if (!secret.matches()) {
      throw scalar.error("must be {{resolve:secretsmanager:NAME}} and nothing else");
    }
    return new Value.Secret(secret.group(1));
  }

  private static Value reference(Reference reference, Intrinsics intrinsics) {
    String type = intrinsics.resource(reference.logicalId(), reference.place()).type();
    boolean hasAddress = type.equals(Resource.QUEUE) || type.equals(Resource.TABLE);
    if (!hasAddress || !reference.attribute().isEmpty()) {
      throw reference.error("must be !Ref of a queue (its URL) or of a table (its name)");
    }
    return new Value.Reference(reference.logicalId());
  }
}
