package dev.skein.aot;

/**
 * A copy of the template that deploys the zips with a JVM. A template cannot choose between two
 * zips by a parameter: the SAM CLI uploads only what a CodeUri names literally.
 */
final class AotTemplate {

  private static final String HEADER =
      "# Made from template.yaml by `mvn -Paot package`; do not edit.\n";

  private AotTemplate() {}

  /**
   * The copy: it also allows the runtime provided.al2023, which is its default, and no instruction
   * set but that of the zips.
   *
   * @param template the content of template.yaml
   * @param architecture {@code arm64} or {@code x86_64}
   * @throws AotBuildException if the template does not contain what is to be replaced
   */
  static String of(String template, String architecture) {
    String copy = template;
    for (AotFunction function : AotFunction.values()) {
      String path = "functions/%1$s/target/%1$s".formatted(function.id());
      copy = replace(copy, "CodeUri: " + path + ".zip", "CodeUri: " + path + "-aot.zip");
    }
    copy =
        replace(
            copy, values("java25", "java25"), values("provided.al2023", "provided.al2023, java25"));
    copy = replace(copy, values("arm64", "arm64, x86_64"), values(architecture, architecture));
    copy = replace(copy, "The zips run on both.", "These zips run on no other.");
    return HEADER + copy;
  }

  private static String values(String first, String all) {
    return "    Default: %s\n    AllowedValues: [%s]\n".formatted(first, all);
  }

  private static String replace(String template, String old, String replacement) {
    int at = template.indexOf(old);
    if (at < 0 || template.indexOf(old, at + 1) >= 0) {
      throw new AotBuildException("template.yaml must contain this exactly once: " + old);
    }
    return template.replace(old, replacement);
  }
}
