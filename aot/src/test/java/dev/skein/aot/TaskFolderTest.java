package dev.skein.aot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layout of the folder, from the real plain zip, with a JVM of one file. */
class TaskFolderTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void make() throws Exception {
    root = make("first");
  }

  private Path make(String name) throws Exception {
    Path jvm = folder.resolve("jvm of " + name);
    Path java = Files.createDirectories(jvm.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Path made = folder.resolve(name);
    TaskFolder.make(AotFunction.CHAT, AotFunction.CHAT.zip(PROJECT), jvm, made);
    return made;
  }

  @Test
  void theClassPathHasOnlyJarsAndTheFunctionsOwnIsTheFirst() throws Exception {
    List<String> classPath =
        List.of(Files.readString(root.resolve("class-path")).strip().split(":"));

    assertThat(classPath.getFirst()).isEqualTo("lib/0-chat.jar");
    assertThat(classPath)
        .isSorted()
        .hasSizeGreaterThan(5)
        .allMatch(jar -> jar.endsWith(".jar") && Files.isRegularFile(root.resolve(jar)));
    assertThat(root.resolve("lib")).isDirectoryContaining("glob:**/jackson-core-*.jar");
    assertThat(root.resolve("dev")).doesNotExist();
  }

  @Test
  void theFirstJarHasTheFunctionsClassesAndResources() throws Exception {
    try (FileSystem jar = ZipFolder.open(root.resolve("lib/0-chat.jar"))) {
      assertThat(jar.getPath("/dev/skein/functions/chat/ChatFunction.class")).exists();
      assertThat(jar.getPath("/dev/skein/runtime/Main.class")).exists();
      assertThat(jar.getPath("/dev/skein/llm/model-profiles.json")).exists();
    }
  }

  @Test
  void theProgramsAreExecutableAndTheWrapperIsThereToo() {
    assertThat(root.resolve("bootstrap")).isExecutable();
    assertThat(root.resolve("streaming-runtime")).isExecutable();
    assertThat(root.resolve("jre/bin/java")).isExecutable();
  }

  @Test
  void everyJarHasAFixedTime() throws Exception {
    for (Path jar : ZipFolder.files(root.resolve("lib"))) {
      assertThat(Files.getLastModifiedTime(jar)).as(jar.toString()).isEqualTo(ZipFolder.TIME);
    }
  }

  @Test
  void theSameZipGivesTheSameFiles() throws Exception {
    Path second = make("second");

    for (Path file : ZipFolder.files(root)) {
      assertThat(second.resolve(root.relativize(file))).hasSameBinaryContentAs(file);
    }
  }
}
