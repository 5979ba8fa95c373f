package dev.skein.aot;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Copies files into and out of zips, in a fixed order, with their permissions and a fixed time. */
final class ZipFolder {

  /**
   * The time of every file: an AOT cache is valid only for jars with the times that it was made
   * with.
   */
  static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private static final Map<String, String> READ =
      Map.of("enablePosixFileAttributes", "true", "defaultPermissions", "rw-r--r--");
  private static final Map<String, String> CREATE =
      Map.of("enablePosixFileAttributes", "true", "create", "true");

  private ZipFolder() {}

  static FileSystem open(Path zip) throws IOException {
    return FileSystems.newFileSystem(zip, READ);
  }

  /** A new zip, which is written when it is closed. */
  static FileSystem create(Path zip) throws IOException {
    return FileSystems.newFileSystem(zip, CREATE);
  }

  /** All files below a folder, sorted by their names. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Copies all files below a folder; the target's folders are made. */
  static void copyAll(Path folder, Path target) throws IOException {
    for (Path file : files(folder)) {
      copy(file, target.resolve(folder.relativize(file).toString()));
    }
  }

  static void copy(Path file, Path target) throws IOException {
    makeFolder(Objects.requireNonNull(target.getParent()));
    Files.copy(file, target);
    Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(file));
    setTimes(target);
  }

  private static void makeFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      makeFolder(Objects.requireNonNull(folder.getParent()));
      Files.createDirectory(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      setTimes(folder);
    }
  }

  /** A zip also keeps the times of access and creation. */
  private static void setTimes(Path path) throws IOException {
    Files.getFileAttributeView(path, BasicFileAttributeView.class).setTimes(TIME, TIME, TIME);
  }
}
