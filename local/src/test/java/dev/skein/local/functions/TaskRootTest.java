package dev.skein.local.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskRootTest {
  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir Path folder;

  @Test
  void filesKeepTheirPermissionsAndTimes() throws Exception {
    Path zip = folder.resolve("some.zip");
    Map<String, String> create = Map.of("create", "true", "enablePosixFileAttributes", "true");
    try (FileSystem entries = FileSystems.newFileSystem(zip, create)) {
      Path script = Files.writeString(entries.getPath("/bootstrap"), "#!/bin/sh\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setLastModifiedTime(script, TIME);
    }

    Path unpacked = TaskRoot.unpack(zip, folder.resolve("root")).resolve("bootstrap");

    assertThat(Files.isExecutable(unpacked)).isTrue();
    assertThat(Files.getLastModifiedTime(unpacked)).isEqualTo(TIME);
  }
}
