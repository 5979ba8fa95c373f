package dev.skein.aot;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;

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
  static void link(Path folder) throws IOException {
    if (!System.getProperty("os.name").equals("Linux")
        || Files.readString(Path.of(System.getProperty("java.home"), "release"))
            .contains("LIBC=\"musl\"")) {
      throw new AotBuildException("A JDK for Linux with glibc is needed, as Lambda has it.");
    }
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new AotBuildException("This Java has no jlink: a JDK is needed."))
            .run(
                printer,
                printer,
                "--add-modules",
                MODULES,
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                "--output",
                folder.toString());
    if (status != 0) {
      throw new AotBuildException("jlink failed: " + output);
    }
  }
}
