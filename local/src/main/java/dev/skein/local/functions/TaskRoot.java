package dev.skein.local.functions;

import dev.skein.local.console.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A function's zip, unpacked as Lambda unpacks it into {@code /var/task}. */
final class TaskRoot {

  private TaskRoot() {}

  /**
   * @throws StartException when there is no such zip
   */
  static Path unpack(Path zip, Path folder) throws IOException {
    if (!Files.isRegularFile(zip)) {
      throw new StartException(zip + " is not there: build it with `mvn package`.");
    }
    Path root = Files.createDirectories(folder).toAbsolutePath().normalize();
    try (InputStream file = Files.newInputStream(zip);
        ZipInputStream entries = new ZipInputStream(file)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
          throw new StartException(zip + " holds a path outside of itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.resolveSibling("."));
          Files.copy(entries, target);
        }
      }
    }
    return root;
  }
}
