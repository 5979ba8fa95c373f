package dev.skein.local.functions;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/** Unpacks a function's zip, as Lambda does into {@code /var/task}. */
final class TaskRoot {

  /** The permissions of files for which the zip has none: not executable. */
  private static final Map<String, String> WITH_PERMISSIONS =
      Map.of("enablePosixFileAttributes", "true", "defaultPermissions", "rw-r--r--");

  private TaskRoot() {}

  /**
   * @throws StartupException if the zip is missing or invalid
   */
  static Path unpack(Path zip, Path folder) throws IOException {
    if (!Files.isRegularFile(zip)) {
      throw new StartupException(zip + " is missing: build it with `mvn package`.");
    }
    Path root = Files.createDirectories(folder).toAbsolutePath().normalize();
    try (FileSystem entries = FileSystems.newFileSystem(zip, WITH_PERMISSIONS);
        Stream<Path> paths = Files.walk(entries.getPath("/"))) {
      for (Path entry : paths.toList()) {
        unpackOne(entry, root.resolve(entry.toString().substring(1)));
      }
    } catch (ZipException e) {
      throw new StartupException(zip + " cannot be unpacked: " + e.getMessage() + ".", e);
    }
    return root;
  }

  private static void unpackOne(Path entry, Path target) throws IOException {
    if (Files.isDirectory(entry)) {
      Files.createDirectories(target);
    } else {
      Files.copy(entry, target);
      Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(entry));
      permissions.addAll(List.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
      Files.setPosixFilePermissions(target, permissions);
      // An AOT cache is valid only for jars with the times that it was made with.
      Files.setLastModifiedTime(target, Files.getLastModifiedTime(entry));
    }
  }
}
