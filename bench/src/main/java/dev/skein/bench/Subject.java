package dev.skein.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A function to measure.
 *
 * @param name what a reader of the results calls it
 * @param root its unpacked zip
 * @param wrapper the program in it that gets the managed runtime's start command, to change it;
 *     none starts on AWS's runtime client
 * @param variables of its environment, beside those that every function has
 * @param sign what a right response holds
 */
record Subject(
    String name,
    String handler,
    Path root,
    List<Path> wrapper,
    Map<String, String> variables,
    String sign) {

  /** The script in chat's zip that starts it on its own loop, as template.yaml says. */
  static final String WRAPPER = "streaming-runtime";

  /**
   * The chat function as deployed, but for its AUDIT_MODE.
   *
   * @param model the base URL of what it calls
   */
  static Subject chat(Path root, URI model, URI queue, String auditMode, String sign) {
    Map<String, String> variables = new HashMap<>();
    variables.put("OPENAI_API_KEY", "none");
    variables.put("OPENAI_BASE_URL", model.toString());
    variables.put("OPENAI_MODEL", "m-1");
    variables.put("LLM_STREAMING", "on");
    variables.put("RESPONSE_MODE", "streaming");
    variables.put("AUDIT_MODE", auditMode);
    if (!auditMode.equals("log")) {
      variables.put("AUDIT_QUEUE_URL", queue + "/123456789012/audit");
      variables.put("AWS_ENDPOINT_URL_SQS", queue.toString());
    }
    return new Subject(
        "chat, `AUDIT_MODE=" + auditMode + "`",
        "dev.skein.functions.chat.ChatFunction",
        root,
        List.of(root.resolve(WRAPPER)),
        Map.copyOf(variables),
        sign);
  }

  /** Unpacks a function's zip as Lambda unpacks it into {@code /var/task}, modes included. */
  static Path unpack(Path zip, Path folder) throws IOException {
    try (FileSystem entries =
            FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", "true"));
        Stream<Path> paths = Files.walk(entries.getPath("/"))) {
      for (Path entry : paths.toList()) {
        Path target = folder.resolve(entry.toString().substring(1));
        if (Files.isDirectory(entry)) {
          Files.createDirectories(target);
        } else {
          Files.copy(entry, target);
          Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(entry));
        }
      }
    }
    return folder;
  }
}
