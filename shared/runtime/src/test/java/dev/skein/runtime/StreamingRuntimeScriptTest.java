package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The wrapper script, with a java that prints what it is given. */
@Timeout(30)
class StreamingRuntimeScriptTest {
  private static final Path SCRIPT =
      Path.of("src/main/resources/streaming-runtime").toAbsolutePath();
  private static final String MANAGED =
      "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
  private static final String CLASS_PATH = "/var/my task:/var/my task/lib/*";
  private static final String CODE_CACHE = "-XX:ReservedCodeCacheSize=128m";

  @TempDir Path folder;
  private Path java;

  @BeforeEach
  void makeJava() throws Exception {
    java = folder.resolve("a java");
    Files.writeString(java, "#!/bin/sh\nfor each; do printf '%s\\n' \"$each\"; done\nexit 7\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theSameJavaRunsOurMainClassOnOurClassPath() throws Exception {
    assertThat(
            run(
                "-XX:MaxHeapSize=445645k",
                "-XX:+UseSerialGC",
                "-Xshare:on",
                "-XX:SharedArchiveFile=/var/lang/lib/server/runtime.jsa",
                "-XX:AOTCache=/var/lang/lib/runtime.aot",
                "-XX:AOTMode=auto",
                "-XX:AOTConfiguration=x",
                "-XX:+AOTClassLinking",
                "-Dname=value with * and \"quotes\"",
                "-classpath",
                "/var/runtime/lib/*:/var/runtime/lib/client.jar",
                MANAGED,
                "dev.skein.functions.chat.ChatFunction"))
        .containsExactly(
            CODE_CACHE,
            "-XX:MaxHeapSize=445645k",
            "-XX:+UseSerialGC",
            "-Xshare:on",
            "-XX:+AOTClassLinking",
            "-Dname=value with * and \"quotes\"",
            "-classpath",
            CLASS_PATH,
            "dev.skein.runtime.Main",
            "dev.skein.functions.chat.ChatFunction");
  }

  @Test
  void everySpellingOfTheClassPathIsReplaced() throws Exception {
    assertThat(run("-cp", "a", MANAGED))
        .containsExactly(CODE_CACHE, "-cp", CLASS_PATH, "dev.skein.runtime.Main");
    assertThat(run("--class-path", "a b", "-Dx=", "", MANAGED))
        .containsExactly(
            CODE_CACHE, "--class-path", CLASS_PATH, "-Dx=", "", "dev.skein.runtime.Main");
    assertThat(run("--class-path=a", MANAGED))
        .containsExactly(CODE_CACHE, "--class-path=" + CLASS_PATH, "dev.skein.runtime.Main");
  }

  @Test
  void aCodeCacheOfTheRuntimeCountsBecauseItComesLater() throws Exception {
    assertThat(run("-XX:ReservedCodeCacheSize=64m", MANAGED))
        .containsExactly(CODE_CACHE, "-XX:ReservedCodeCacheSize=64m", "dev.skein.runtime.Main");
  }

  private List<String> run(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("sh", SCRIPT.toString(), java.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LAMBDA_TASK_ROOT", "/var/my task");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("it is replaced, not called").isEqualTo(7);
    return output.lines().toList();
  }
}
