package dev.skein.local.testing;

import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Deployable functions, made of one class each. */
public final class TestFunctions {

  /** The project's folder. */
  public static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");

  /** The official runtime interface client. */
  public static final Path RUNTIME = ROOT.resolve("local/parts/runtime/target/lib");

  private TestFunctions() {}

  /** A function with a Timeout of 20 s, 256 MiB, and nothing that calls it. */
  public static Deployment.Function of(String name, Class<?> handler, Path folder) {
    return new Deployment.Function(
        name,
        handler.getName(),
        zip(handler, folder),
        Duration.ofSeconds(20),
        256,
        Map.of(),
        List.of(),
        List.of());
  }

  public static Deployment.Function withTimeout(Deployment.Function f, Duration timeout) {
    return copy(f, timeout, f.environment(), f.routes(), f.queueSources(), f.ownRuntime());
  }

  public static Deployment.Function withVariables(
      Deployment.Function f, Map<String, Value> variables) {
    return copy(f, f.timeout(), variables, f.routes(), f.queueSources(), f.ownRuntime());
  }

  public static Deployment.Function withRoutes(Deployment.Function f, Route... routes) {
    return copy(f, f.timeout(), f.environment(), List.of(routes), f.queueSources(), f.ownRuntime());
  }

  public static Deployment.Function withSource(Deployment.Function f, QueueSource source) {
    return copy(f, f.timeout(), f.environment(), f.routes(), List.of(source), f.ownRuntime());
  }

  /** A function that is a runtime of its own, with a wrapper of that mode that starts it. */
  public static Deployment.Function wrapped(
      String name, Class<?> program, String mode, Path folder) {
    Deployment.Function function = of(name, program, folder);
    addScript(function.zip(), "start", "$1", program, mode);
    return withVariables(
        function, Map.of("AWS_LAMBDA_EXEC_WRAPPER", new Value.Literal("/var/task/start")));
  }

  /** A function on provided.al2023, whose bootstrap starts that program with this JVM. */
  public static Deployment.Function ownRuntime(String name, Class<?> program, Path folder) {
    Deployment.Function f = of(name, program, folder);
    addScript(f.zip(), "bootstrap", ChildProcesses.java(), program, "rwxr-xr-x");
    return withOwnRuntime(f);
  }

  public static Deployment.Function withOwnRuntime(Deployment.Function f) {
    return copy(f, f.timeout(), f.environment(), f.routes(), f.queueSources(), true);
  }

  private static Deployment.Function copy(
      Deployment.Function f,
      Duration timeout,
      Map<String, Value> environment,
      List<Route> routes,
      List<QueueSource> queueSources,
      boolean ownRuntime) {
    return new Deployment.Function(
        f.name(),
        f.handler(),
        f.zip(),
        timeout,
        f.memorySize(),
        environment,
        routes,
        queueSources,
        ownRuntime);
  }

  private static void addScript(Path zip, String name, String java, Class<?> program, String mode) {
    try (FileSystem entries =
        FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", "true"))) {
      Path script = entries.getPath("/", name);
      Files.writeString(
          script,
          "#!/bin/sh\nexec \"%s\" -Xshare:auto -XX:TieredStopAtLevel=1 -cp \"$LAMBDA_TASK_ROOT\" %s\n"
              .formatted(java, program.getName()));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A zip as Lambda takes it, with that one class. */
  private static Path zip(Class<?> handler, Path folder) {
    Path zip = folder.resolve(handler.getSimpleName() + ".zip");
    String entry = handler.getName().replace('.', '/') + ".class";
    try (InputStream bytes = handler.getResourceAsStream("/" + entry);
        OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.putNextEntry(new ZipEntry(entry));
      if (bytes == null) {
        throw new IllegalArgumentException("no such class: " + entry);
      }
      bytes.transferTo(out);
      return zip;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
