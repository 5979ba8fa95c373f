package dev.skein.local;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders of one run.
 *
 * @param work generated files and unpacked functions; deleted after the run
 * @param logs of the services; kept until the next run
 * @param lock locks the data folder while it is open
 */
record RunFolder(Path work, Path logs, Optional<FileChannel> lock) implements AutoCloseable {

  /**
   * @throws StartupException if another run uses the data folder, or it cannot be written to
   */
  static RunFolder create(Path root, Optional<Path> data) {
    data.ifPresent(RunFolder::requireWritable);
    try {
      Path target = Files.createDirectories(root.resolve("local/target"));
      Path logs = data.orElse(target).resolve("logs");
      Files.createDirectories(logs);
      Optional<FileChannel> lock =
          data.isEmpty() ? Optional.empty() : Optional.of(lock(data.get()));
      return new RunFolder(Files.createTempDirectory(target, "run-"), logs, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireWritable(Path data) {
    try {
      Files.createDirectories(data);
      Files.delete(Files.createTempFile(data, "start", ""));
    } catch (IOException e) {
      throw new StartupException(
          "DATA_DIR is %s, where no file can be written (%s). Set it to another folder."
              .formatted(data, e.getClass().getSimpleName()),
          e);
    }
  }

  /** Two ElasticMQs on the same files would both start but not work. */
  private static FileChannel lock(Path data) throws IOException {
    FileChannel channel =
        FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // This process has the lock.
    }
    channel.close();
    throw new StartupException(
        data + " is in use by another run. Stop that run, or set DATA_DIR to another folder.");
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
    if (lock.isPresent()) {
      lock.get().close();
    }
  }
}
