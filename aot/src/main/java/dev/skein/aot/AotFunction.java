package dev.skein.aot;

import java.nio.file.Path;
import java.util.Map;

/** The functions that get a zip with a JVM: those that call the model. */
enum AotFunction {
  CHAT("chat", "dev.skein.functions.chat.ChatFunction", "streaming", "on"),
  ANALYZE("analyze", "dev.skein.functions.analyze.AnalyzeFunction", "buffered", "off");

  private final String id;
  private final String handler;
  private final String responseMode;
  private final String modelStreaming;

  AotFunction(String id, String handler, String responseMode, String modelStreaming) {
    this.id = id;
    this.handler = handler;
    this.responseMode = responseMode;
    this.modelStreaming = modelStreaming;
  }

  /** The name of its module and of its zip. */
  String id() {
    return id;
  }

  /** Its zip without a JVM. */
  Path zip(Path project) {
    return project.resolve("functions/%1$s/target/%1$s.zip".formatted(id));
  }

  /** Its zip with a JVM and an AOT cache. */
  Path aotZip(Path project) {
    return project.resolve("functions/%1$s/target/%1$s-aot.zip".formatted(id));
  }

  String handler() {
    return handler;
  }

  /** The settings in which the functions differ, as in template.yaml. */
  Map<String, String> variables() {
    return Map.of("RESPONSE_MODE", responseMode, "LLM_STREAMING", modelStreaming);
  }
}
