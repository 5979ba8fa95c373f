package dev.skein.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Makes folders. */
final class Folder {

  private Folder() {}

  /** An existing empty folder, whatever was there before. */
  static Path empty(Path folder) throws IOException {
    if (Files.exists(folder)) {
      Files.walkFileTree(folder, new Removal());
    }
    return Files.createDirectories(folder).toAbsolutePath();
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      Files.delete(visited);
      return FileVisitResult.CONTINUE;
    }
  }
}
