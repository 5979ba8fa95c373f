package dev.skein.local.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders and files that only their owner can read: modes 0700 and 0600. */
public final class PrivateFiles {

  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

  private PrivateFiles() {}

  /** Creates a folder and its missing parents; one that exists keeps its mode. */
  public static Path createFolders(Path folder) throws IOException {
    return Files.createDirectories(folder, attribute(FOLDER));
  }

  /** Creates an empty file, or restricts the one that exists. */
  public static Path createFile(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Files.createFile(file, attribute(FILE));
    }
    return Files.setPosixFilePermissions(file, FILE);
  }

  /** Whether users other than its owner have access to this folder. */
  public static boolean isShared(Path folder) throws IOException {
    return !FOLDER.containsAll(Files.getPosixFilePermissions(folder));
  }

  /** Restricts a folder and everything in it; symbolic links are not followed. */
  public static void restrict(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(visited, FOLDER);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              Files.setPosixFilePermissions(visited, FILE);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static FileAttribute<Set<PosixFilePermission>> attribute(Set<PosixFilePermission> mode) {
    return PosixFilePermissions.asFileAttribute(mode);
  }
}
