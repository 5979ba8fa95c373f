package dev.skein.aot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The zips that were made: they run from their cache, and without it where it does not fit. */
@Timeout(120)
class AotZipIT {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path JDK = Path.of(System.getProperty("java.home"));
  private static final String SHARED = "source: shared objects file";
  private static final int MEGABYTE = 1024 * 1024;
  private static final List<String> KEYS =
      List.of(TrainingServers.KEY, FunctionProcess.SECRET_KEY, FunctionProcess.SESSION_TOKEN);

  @TempDir private static Path folder;
  private static TrainingServers servers;
  private static byte[] event;
  private static Path chat;

  @BeforeAll
  static void unpack() throws Exception {
    servers = TrainingServers.start(folder.resolve("tls"));
    event = Files.readAllBytes(PROJECT.resolve("events/chat.json"));
    chat = unpack(AotFunction.CHAT, "chat");
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  /** As Lambda does, and in no other time zone. */
  private static Path unpack(AotFunction function, String name) throws IOException {
    Path root = folder.resolve(name);
    try (FileSystem zip = ZipFolder.open(function.aotZip(PROJECT))) {
      for (Path entry : ZipFolder.files(zip.getPath("/"))) {
        Path target = root.resolve(entry.toString().substring(1));
        ZipFolder.copy(entry, target);
        Files.setLastModifiedTime(target, Files.getLastModifiedTime(entry));
      }
    }
    return root;
  }

  @ParameterizedTest
  @EnumSource
  void theZipKeepsToLambdasLimits(AotFunction function) throws Exception {
    assertThat(function.aotZip(PROJECT))
        .satisfies(zip -> assertThat(Files.size(zip)).isLessThan(50L * MEGABYTE));
    try (FileSystem zip = ZipFolder.open(function.aotZip(PROJECT))) {
      long size = 0;
      for (Path entry : ZipFolder.files(zip.getPath("/"))) {
        size += Files.size(entry);
        assertThat(Files.getLastModifiedTime(entry)).isEqualTo(ZipFolder.TIME);
      }
      assertThat(size).isLessThan(250L * MEGABYTE);
    }
  }

  /** The cache has the JVM's heap, and the functions had the keys while it was trained. */
  @ParameterizedTest
  @EnumSource
  void noFileContainsAKeyOfTheTraining(AotFunction function) throws Exception {
    try (FileSystem zip = ZipFolder.open(function.aotZip(PROJECT))) {
      for (Path entry : ZipFolder.files(zip.getPath("/"))) {
        String bytes = Files.readString(entry, ISO_8859_1);
        for (String key : KEYS) {
          String wide = new String(key.getBytes(UTF_16LE), ISO_8859_1);
          assertThat(bytes.contains(key) || bytes.contains(wide)).as("%s %s", entry, key).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFunctionStartsFromItsCache(AotFunction function) throws Exception {
    Path root = unpack(function, function.id() + " from its cache");
    Path classes = folder.resolve(function.id() + ".classes");
    String output = "";
    try (var process =
        new FunctionProcess(
            function, root, List.of("bootstrap"), servers, "-Xlog:class+load:file=" + classes)) {
      for (byte[] each : Main.events(PROJECT)) {
        assertThat(process.invoke(each)).isLessThan(500);
      }
      process.stop();
      output = process.output();
    }

    List<String> loaded = Files.readAllLines(classes);
    assertThat(loaded.stream().filter(line -> !line.contains(SHARED)).count())
        .as("classes that are not in the cache")
        .isLessThan(loaded.size() / 20);
    assertThat(output).doesNotContain("aot_cache_unused", "[warning]", "[error");
  }

  @TestFactory
  Stream<DynamicTest> aCacheThatDoesNotFitIsIgnoredAndLoggedOnce() {
    return Stream.of(
        ignored("a truncated cache", "", root -> truncate(cache(root), 20 * MEGABYTE)),
        ignored("an empty cache", "", root -> truncate(cache(root), 0)),
        ignored("a cache of random bytes", "", root -> randomize(cache(root))),
        ignored("another flag", "-XX:+UseCompactObjectHeaders", root -> {}),
        ignored("another module option", "--add-opens=java.base/java.lang=ALL-UNNAMED", root -> {}),
        ignored("another JVM", "", AotZipIT::replaceJvm));
  }

  private interface Change {
    void apply(Path root) throws IOException;
  }

  private static DynamicTest ignored(String name, String options, Change change) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          Path root = unpack(AotFunction.CHAT, name);
          change.apply(root);
          List<String> output = answer(root, options);
          assertThat(output).filteredOn(line -> line.contains("aot_cache_unused")).hasSize(1);
          assertThat(output).noneMatch(line -> line.startsWith("["));
        });
  }

  @Test
  void aJarWithAnotherTimeIsNoFailure() throws Exception {
    Path root = unpack(AotFunction.CHAT, "touched");
    for (Path jar : ZipFolder.files(root.resolve("lib"))) {
      Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-06-01T12:00:00Z")));
    }

    // JDK 25.0.4 and later ignore the cache then.
    assertThat(answer(root, "")).noneMatch(line -> line.startsWith("["));
  }

  @Test
  void withoutACacheTheFunctionAnswersToo() throws Exception {
    Path root = unpack(AotFunction.CHAT, "without a cache");
    Files.delete(cache(root));

    assertThat(answer(root, "")).noneMatch(line -> line.contains("aot_cache_unused"));
  }

  @Test
  void theSameZipRunsOnTheManagedRuntimeThroughItsWrapper() throws Exception {
    List<String> managed =
        List.of(
            "streaming-runtime",
            JDK.resolve("bin/java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            "/var/runtime/lib/*",
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
            AotFunction.CHAT.handler());
    try (var process = new FunctionProcess(AotFunction.CHAT, chat, managed, servers, "")) {
      assertThat(process.invoke(event)).isEqualTo(200);
      process.stop();
      assertThat(process.output()).doesNotContain("aot_cache_unused");
    }
  }

  /** The lines that a function writes, which answers one event. */
  private static List<String> answer(Path root, String options) throws Exception {
    try (var process =
        new FunctionProcess(AotFunction.CHAT, root, List.of("bootstrap"), servers, options)) {
      assertThat(process.invoke(event)).isEqualTo(200);
      process.stop();
      return process.output().lines().toList();
    }
  }

  private static Path cache(Path root) {
    return root.resolve(TaskFolder.CACHE);
  }

  private static void truncate(Path file, long size) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(size);
    }
  }

  private static void randomize(Path file) throws IOException {
    byte[] bytes = new byte[(int) Files.size(file)];
    new Random(1).nextBytes(bytes);
    Files.write(file, bytes);
  }

  private static void replaceJvm(Path root) throws IOException {
    Path jvm = root.resolve("jre");
    Files.move(jvm, root.resolve("old"), StandardCopyOption.ATOMIC_MOVE);
    Files.createSymbolicLink(jvm, JDK);
  }
}
