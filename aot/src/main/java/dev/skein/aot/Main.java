package dev.skein.aot;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code Main PROJECT WORK} makes {@code functions/NAME/target/NAME-aot.zip} beside each plain zip
 * in the project's folder, and {@code template-aot.yaml}. {@code WORK} is a folder for what is made
 * on the way; what it contains is deleted.
 */
public final class Main {

  private Main() {}

  public static void main(String[] args)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path project = Path.of(args[0]).toAbsolutePath();
    Path work = Path.of(args[1]).toAbsolutePath();
    delete(work);
    Path jvm = work.resolve("jvm");
    JvmImage.link(jvm);
    List<byte[]> events = events(project);
    try (TrainingServers servers = TrainingServers.start(work.resolve("tls"))) {
      for (AotFunction function : AotFunction.values()) {
        Path folder = work.resolve(function.id());
        TaskFolder.make(function, function.zip(project), jvm, folder);
        Training.run(function, folder, servers, events);
        pack(folder, function.aotZip(project));
      }
    }
    String template = Files.readString(project.resolve("template.yaml"));
    Files.writeString(
        project.resolve("template-aot.yaml"), AotTemplate.of(template, JvmImage.architecture()));
  }

  private static void pack(Path folder, Path zip) throws IOException {
    Files.deleteIfExists(zip);
    try (FileSystem entries = ZipFolder.create(zip)) {
      ZipFolder.copyAll(folder, entries.getPath("/"));
    }
  }

  /** The sample events that API Gateway would send. */
  static List<byte[]> events(Path project) throws IOException {
    List<byte[]> events = new ArrayList<>();
    for (Path file : ZipFolder.files(project.resolve("events"))) {
      byte[] event = Files.readAllBytes(file);
      if (new ObjectMapper().readTree(event).has("httpMethod")) {
        events.add(event);
      }
    }
    return events;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
