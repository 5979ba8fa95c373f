package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only the owner can read what a run stores. */
final class RunFolderTest {
  @TempDir private Path folder;

  @Test
  void aNewDataFolderCanBeReadByItsOwnerOnly() throws IOException {
    Path data = folder.resolve("new/data");

    RunFolder.create(folder, Optional.of(data)).close();

    assertThat(mode(data)).isEqualTo("rwx------");
    assertThat(mode(data.resolve("logs"))).isEqualTo("rwx------");
    assertThat(mode(data.resolve("lock"))).isEqualTo("rw-------");
  }

  @Test
  void whatAnEarlierRunStoredIsRestricted() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    setMode(data, "rwxr-xr-x");
    setMode(Files.createFile(data.resolve("lock")), "rw-r--r--");
    Path messages = Files.writeString(data.resolve("messages.mv.db"), "x");
    setMode(messages, "rw-r--r--");
    Path log =
        Files.writeString(Files.createDirectory(data.resolve("logs")).resolve("table.log"), "x");
    setMode(log, "rw-r--r--");

    RunFolder.create(folder, Optional.of(data)).close();

    assertThat(mode(data)).isEqualTo("rwx------");
    assertThat(mode(messages)).isEqualTo("rw-------");
    assertThat(mode(log)).isEqualTo("rw-------");
  }

  @Test
  void aSharedFolderWithOtherFilesIsNotUsedAndNotChanged() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    setMode(shared, "rwxr-xr-x");
    Path file = Files.writeString(shared.resolve("of-somebody"), "x");
    setMode(file, "rw-r--r--");

    assertThatThrownBy(() -> RunFolder.create(folder, Optional.of(shared)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("DATA_DIR is " + shared + ", which other users can read. ")
        .hasMessageContaining("`chmod 700 " + shared + "`");
    assertThat(mode(shared)).isEqualTo("rwxr-xr-x");
    assertThat(mode(file)).isEqualTo("rw-r--r--");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void setMode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }
}
