package dev.skein.aot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A JVM with only the modules that the functions use, linked from the JDK that runs this. */
final class JvmImage {

  /**
   * What jdeps reports for the functions' jars, without java.desktop and java.sql: Jackson names
   * them only for types that no function uses.
   */
  private static final String MODULES = "java.base,java.net.http,java.xml";

  private JvmImage() {}

  /** The instruction set of this machine, as CloudFormation names it. */
  static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64" -> "x86_64";
      case "aarch64" -> "arm64";
      default -> throw new AotBuildException("Lambda does not run on " + name + ".");
    };
  }

  /**
   * Makes the folder, which must not exist.
   *
   * @throws AotBuildException if this JDK is not for Linux with glibc, which Lambda has
   */
  static void link(Path folder) throws IOException, InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")
        || Files.readString(JdkTool.JDK.resolve("release")).contains("LIBC=\"musl\"")) {
      throw new AotBuildException("A JDK for Linux with glibc is needed, as Lambda has it.");
    }
    // In a process of its own: within another program its output depends on what that did before.
    JdkTool.run(
        "jlink",
        List.of(
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-man-pages",
            "--no-header-files",
            "--output",
            folder.toString()));
  }
}
