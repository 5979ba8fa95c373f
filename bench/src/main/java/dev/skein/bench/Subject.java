package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A function to measure.
 *
 * @param name what a reader of the results calls it
 * @param root its unpacked zip
 * @param variables of its environment, beside those that every function has
 * @param sign what a right response holds
 */
record Subject(String name, String handler, Path root, Map<String, String> variables, String sign) {

  /** The platform alone: a function that does nothing, compiled into {@code folder}. */
  static Subject hello(Path house, Path libraries, Path folder) throws IOException {
    var said = new ByteArrayOutputStream();
    var out = new PrintStream(said, true, UTF_8);
    var javac = ToolProvider.findFirst("javac").orElseThrow();
    String source = house.resolve("bench/src/main/hello/Hello.java").toString();
    if (javac.run(out, out, "-d", folder.toString(), "-cp", jars(libraries), source) != 0) {
      throw new MeasurementException("Hello.java does not compile: " + said.toString(UTF_8));
    }
    return new Subject("nothing (the platform alone)", "Hello", folder, Map.of(), "httpMethod");
  }

  /** Inside a process javac does not expand {@code *}. */
  private static String jars(Path libraries) throws IOException {
    try (Stream<Path> files = Files.list(libraries)) {
      return files.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
  }

  /** The chat function of this zip, with this AUDIT_MODE. */
  static Subject chat(Path root, Upstream upstream, String auditMode) {
    Map<String, String> variables = new HashMap<>();
    variables.put("OPENAI_API_KEY", "none");
    variables.put("OPENAI_BASE_URL", upstream.model().toString());
    variables.put("AUDIT_MODE", auditMode);
    if (!auditMode.equals("log")) {
      variables.put("AUDIT_QUEUE_URL", upstream.queue() + "/123456789012/audit");
      variables.put("AWS_ENDPOINT_URL_SQS", upstream.queue().toString());
    }
    return new Subject(
        "chat, `AUDIT_MODE=" + auditMode + "`",
        "dev.skein.functions.chat.ChatFunction",
        root,
        Map.copyOf(variables),
        Upstream.TEXT);
  }

  /** Unpacks a function's zip as Lambda unpacks it into {@code /var/task}. */
  static Path unpack(Path zip, Path folder) throws IOException {
    try (InputStream file = Files.newInputStream(zip);
        ZipInputStream entries = new ZipInputStream(file)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
          throw new MeasurementException(
              zip + " holds a path outside of itself: " + entry.getName());
        }
        if (!entry.isDirectory()) {
          Files.createDirectories(target.resolveSibling("."));
          Files.copy(entries, target);
        }
      }
    }
    return folder;
  }
}
