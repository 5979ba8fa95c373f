package dev.skein.aot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A function's folder as Lambda has it in {@code /var/task}: the content of its plain zip, a
 * bootstrap and a JVM. An AOT cache allows no folders on the class path, so the function's own
 * classes are in a jar, the first one.
 */
final class TaskFolder {

  /** The file name of the AOT cache. */
  static final String CACHE = "function.aot";

  private TaskFolder() {}

  /**
   * Makes the folder, which must not exist.
   *
   * @param zip the plain zip
   * @param jvm the folder of a JVM
   */
  static void make(AotFunction function, Path zip, Path jvm, Path folder) throws IOException {
    Path lib = Files.createDirectories(folder.resolve("lib"));
    Path ownClasses = lib.resolve("0-" + function.id() + ".jar");
    try (FileSystem entries = ZipFolder.open(zip);
        FileSystem jar = ZipFolder.create(ownClasses)) {
      for (Path entry : ZipFolder.files(entries.getPath("/"))) {
        String name = entry.toString().substring(1);
        Path target = name.startsWith("dev/") ? jar.getPath("/", name) : folder.resolve(name);
        ZipFolder.copy(entry, target);
      }
    }
    Files.setLastModifiedTime(ownClasses, ZipFolder.TIME);
    ZipFolder.copyAll(jvm, folder.resolve("jre"));
    addBootstrap(folder);
  }

  private static void addBootstrap(Path folder) throws IOException {
    Path bootstrap = folder.resolve("bootstrap");
    try (InputStream script = TaskFolder.class.getResourceAsStream("/bootstrap")) {
      Files.copy(Objects.requireNonNull(script), bootstrap);
    }
    Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rwxr-xr-x"));
    // The cache is valid for one order, and that of a wildcard is the file system's.
    String classPath =
        ZipFolder.files(folder.resolve("lib")).stream()
            .map(jar -> folder.relativize(jar).toString())
            .collect(Collectors.joining(":"));
    Files.writeString(folder.resolve("class-path"), classPath + "\n");
  }
}
