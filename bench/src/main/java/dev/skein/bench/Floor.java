package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What no function can be faster than: functions that do nothing, one for each runtime. */
final class Floor {

  private static final String SIGN = "httpMethod";

  private Floor() {}

  /**
   * A function under AWS's runtime client, and one on the loop of chat's zip, buffered and
   * streamed.
   *
   * @param libraries the folder of the runtime client's jars
   * @param chat chat's unpacked zip, which holds the loop
   * @param work an empty folder
   */
  static List<Subject> of(Path house, Path libraries, Path chat, Path work) throws IOException {
    Path bare = Files.createDirectories(work.resolve("bare/task"));
    compile(house, "Hello", bare, jars(libraries));
    Path loop = Files.createDirectories(work.resolve("loop/task"));
    copyLoop(chat, loop);
    String path = loop + File.pathSeparator + jars(loop.resolve("lib"));
    compile(house, "HelloStream", loop, path);
    List<Path> wrapper = List.of(loop.resolve(Subject.WRAPPER));
    return List.of(
        new Subject("nothing, on AWS's runtime client", "Hello", bare, List.of(), Map.of(), SIGN),
        new Subject(
            "nothing, on our loop, buffered",
            "HelloStream",
            loop,
            wrapper,
            Map.of("RESPONSE_MODE", "buffered"),
            SIGN),
        new Subject(
            "nothing, on our loop, streamed", "HelloStream", loop, wrapper, Map.of(), SIGN));
  }

  /** The loop, what it depends on, and the script that starts it. */
  private static void copyLoop(Path chat, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(chat)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = chat.relativize(file);
        if (name.startsWith("dev/skein/runtime")
            || name.startsWith(Subject.WRAPPER)
            || name.toString().startsWith("lib/aws-lambda-java-core-")) {
          Files.createDirectories(target.resolve(name).resolveSibling("."));
          Files.copy(file, target.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static void compile(Path house, String name, Path folder, String classPath) {
    var said = new ByteArrayOutputStream();
    var out = new PrintStream(said, true, UTF_8);
    var javac = ToolProvider.findFirst("javac").orElseThrow();
    String source = house.resolve("bench/src/main/hello/" + name + ".java").toString();
    if (javac.run(out, out, "-d", folder.toString(), "-cp", classPath, source) != 0) {
      throw new MeasurementException(name + ".java does not compile: " + said.toString(UTF_8));
    }
  }

  /** Inside a process javac does not expand {@code *}. */
  private static String jars(Path libraries) throws IOException {
    try (Stream<Path> files = Files.list(libraries)) {
      return files.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
  }
}
