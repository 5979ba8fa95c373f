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

  private Floor() {}

  /**
   * A function under AWS's runtime client, and one that streams on the loop of chat's zip.
   *
   * @param chat chat's unpacked zip, which holds the loop
   * @param work an empty folder
   */
  static List<Subject> of(Path house, ManagedRuntime runtime, Path chat, Path work)
      throws IOException {
    Path bare = Files.createDirectories(work.resolve("bare/task"));
    compile(house, "Hello", bare, jars(runtime.libraries()));
    Path loop = Files.createDirectories(work.resolve("loop/task"));
    copyLoop(chat, loop);
    String path = loop + File.pathSeparator + jars(loop.resolve("lib"));
    compile(house, "HelloStream", loop, path);
    Path event = house.resolve("events/chat.json");
    return List.of(
        subject("AWS's runtime client", bare, runtime.command(bare, "Hello"), event),
        subject("our loop", loop, runtime.wrapped(loop, "HelloStream"), event));
  }

  private static Subject subject(String runtime, Path root, List<String> command, Path event) {
    return new Subject(
        "nothing, on " + runtime,
        root,
        command.getLast(),
        command,
        Map.of(),
        event,
        Contract.echo(),
        0);
  }

  /** The loop, what it depends on, and the script that starts it. */
  private static void copyLoop(Path chat, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(chat)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = chat.relativize(file);
        if (name.startsWith("dev/skein/runtime")
            || name.startsWith(Functions.WRAPPER)
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
