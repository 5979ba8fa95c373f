package dev.skein.local.testing;

import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    return new Deployment.Function(
        f.name(),
        f.handler(),
        f.zip(),
        timeout,
        f.memorySize(),
        f.environment(),
        f.routes(),
        f.queueSources());
  }

  public static Deployment.Function withVariables(
      Deployment.Function f, Map<String, Value> variables) {
    return new Deployment.Function(
        f.name(),
        f.handler(),
        f.zip(),
        f.timeout(),
        f.memorySize(),
        variables,
        f.routes(),
        f.queueSources());
  }

  public static Deployment.Function withRoutes(Deployment.Function f, Route... routes) {
    return new Deployment.Function(
        f.name(),
        f.handler(),
        f.zip(),
        f.timeout(),
        f.memorySize(),
        f.environment(),
        List.of(routes),
        f.queueSources());
  }

  public static Deployment.Function withSource(Deployment.Function f, QueueSource source) {
    return new Deployment.Function(
        f.name(),
        f.handler(),
        f.zip(),
        f.timeout(),
        f.memorySize(),
        f.environment(),
        f.routes(),
        List.of(source));
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
