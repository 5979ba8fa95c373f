package dev.skein.local;

import dev.skein.local.console.StartupException;
import dev.skein.local.process.PrivateFiles;
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

  private static final String LOCK = "lock";

  /**
   * @throws StartupException if another run uses the data folder, it cannot be written to, or it is
   *     not Skein's and other users can read it
   */
  static RunFolder create(Path root, Optional<Path> data) {
    data.ifPresent(RunFolder::prepare);
    try {
      Path target = Files.createDirectories(root.resolve("local/target"));
      Optional<FileChannel> lock =
          data.isEmpty() ? Optional.empty() : Optional.of(lock(data.get()));
      Path logs = PrivateFiles.createFolders(data.orElse(target).resolve("logs"));
      return new RunFolder(Files.createTempDirectory(target, "run-"), logs, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It holds messages and records, which only the owner may read. */
  private static void prepare(Path data) {
    try {
      PrivateFiles.createFolders(data);
      if (PrivateFiles.isShared(data) && !isOfSkein(data)) {
        throw new StartupException(
            "DATA_DIR is %1$s, which other users can read. Restrict it with `chmod 700 %1$s`, or set DATA_DIR to a folder that does not exist yet."
                .formatted(data));
      }
      Files.delete(Files.createTempFile(data, "start", ""));
    } catch (IOException e) {
      throw new StartupException(
          "DATA_DIR is %s, where no file can be written (%s). Set it to another folder."
              .formatted(data, e.getClass().getSimpleName()),
          e);
    }
  }

  /** Whether nothing but what earlier runs have stored would be restricted. */
  private static boolean isOfSkein(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return Files.exists(data.resolve(LOCK)) || files.findAny().isEmpty();
    }
  }

  /** Two ElasticMQs on the same files would both start but not work. */
  private static FileChannel lock(Path data) throws IOException {
    FileChannel channel =
        FileChannel.open(PrivateFiles.createFile(data.resolve(LOCK)), StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        PrivateFiles.restrict(data);
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // This process has the lock.
    }
    channel.close();
    throw new StartupException(
        data + " is in use by another run. Stop that run, or set DATA_DIR to another folder.");
  }

  /** Writes a generated file, and returns its absolute path. */
  String write(String name, String text) {
    try {
      return Files.writeString(work.resolve(name), text).toAbsolutePath().toString();
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
    if (lock.isPresent()) {
      lock.get().close();
    }
  }
}
