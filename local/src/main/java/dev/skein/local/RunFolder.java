package dev.skein.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of one run.
 *
 * @param work generated files and unpacked functions; gone after the run
 * @param logs of the parts; they stay until the next run
 */
record RunFolder(Path work, Path logs) implements AutoCloseable {

  static RunFolder create(Path root, Optional<Path> data) {
    try {
      Path target = Files.createDirectories(root.resolve("local/target"));
      Path logs = data.orElse(target).resolve("logs");
      Files.createDirectories(logs);
      return new RunFolder(Files.createTempDirectory(target, "run-"), logs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(work)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
