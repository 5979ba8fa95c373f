package dev.skein.aot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bootstrap, with a java that prints its arguments. */
@Timeout(30)
class BootstrapTest {
  private static final Path SCRIPT = Path.of("src/main/resources/bootstrap").toAbsolutePath();

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void makeFolder() throws Exception {
    root = folder.resolve("a task");
    Path java = Files.createDirectories(root.resolve("jre/bin")).resolve("java");
    Files.writeString(
        java, "#!/bin/sh\npwd\nfor each; do printf '%s\\n' \"$each\"; done\nexit 7\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(root.resolve("class-path"), "lib/0-chat.jar:lib/b.jar\n");
  }

  @Test
  void theJvmOfTheZipRunsTheRuntimeLoopWithItsCache() throws Exception {
    Files.writeString(root.resolve("function.aot"), "");

    assertThat(run("1024"))
        .containsExactly(
            root.toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=128m",
            "-Xmx819m",
            "-XX:AOTCache=function.aot",
            "-Dskein.aotCache=function.aot",
            "-Xlog:aot*=off",
            "-Xlog:cds*=off",
            "-cp",
            "lib/0-chat.jar:lib/b.jar",
            "dev.skein.runtime.Main");
  }

  @Test
  void withoutACacheTheFlagsAreTheSame() throws Exception {
    assertThat(run("128"))
        .containsExactly(
            root.toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=128m",
            "-Xmx102m",
            "-cp",
            "lib/0-chat.jar:lib/b.jar",
            "dev.skein.runtime.Main");
  }

  private List<String> run(String memory) throws Exception {
    var builder = new ProcessBuilder("sh", SCRIPT.toString()).redirectErrorStream(true);
    builder.environment().put("LAMBDA_TASK_ROOT", root.toString());
    builder.environment().put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("it is replaced, not called").isEqualTo(7);
    return output.lines().toList();
  }
}
