package dev.skein.bench;

import java.io.IOException;
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
 * @param handler the value of _HANDLER
 * @param command starts it, as Lambda would
 * @param variables of its environment, beside those that every function has
 * @param event the file of what it gets
 * @param contract what it has to do with it
 * @param zipBytes the size of its zip; 0 if it has none
 */
record Subject(
    String name,
    Path root,
    String handler,
    List<String> command,
    Map<String, String> variables,
    Path event,
    Contract contract,
    long zipBytes) {

  /** The same with more variables. */
  Subject with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(variables);
    all.putAll(more);
    return new Subject(name, root, handler, command, Map.copyOf(all), event, contract, zipBytes);
  }

  /** The same function with another event. */
  Subject doing(String otherName, Path otherEvent, Contract otherContract) {
    return new Subject(
        otherName, root, handler, command, variables, otherEvent, otherContract, zipBytes);
  }

  /**
   * Unpacks a function's zip as Lambda unpacks it into {@code /var/task}, with modes and times: an
   * AOT cache is valid only for jars with the times that it was made with.
   */
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
          Files.setLastModifiedTime(target, Files.getLastModifiedTime(entry));
        }
      }
    }
    return folder;
  }
}
