package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectTest {

  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void unpackedFilesKeepTheirModesAndTimes(@TempDir Path folder) throws Exception {
    Path zip = folder.resolve("function.zip");
    var options = Map.of("create", "true", "enablePosixFileAttributes", "true");
    try (var entries = FileSystems.newFileSystem(zip, options)) {
      Files.createDirectory(entries.getPath("/lib"));
      for (String name : new String[] {"/program", "/lib/text"}) {
        Files.writeString(entries.getPath(name), name);
      }
      Files.setPosixFilePermissions(
          entries.getPath("/program"), PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(
          entries.getPath("/lib/text"), PosixFilePermissions.fromString("rw-r--r--"));
      Files.setLastModifiedTime(entries.getPath("/lib/text"), TIME);
    }

    Path root = Subject.unpack(zip, folder.resolve("task"));

    assertThat(root.resolve("program")).isExecutable().hasContent("/program");
    assertThat(root.resolve("lib/text")).hasContent("/lib/text");
    assertThat(Files.isExecutable(root.resolve("lib/text"))).isFalse();
    assertThat(Files.getLastModifiedTime(root.resolve("lib/text"))).isEqualTo(TIME);
  }
}
