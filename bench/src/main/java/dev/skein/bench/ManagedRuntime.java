package dev.skein.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a function as the managed runtime {@code java25} does.
 *
 * @param libraries the folder of the runtime interface client's jars
 */
record ManagedRuntime(Path libraries) {

  /** This machine has more memory than the function, and the defaults of the heap depend on it. */
  static final String MEMORY = "-XX:MaxRAM=1g";

  private static final String NATIVE_CODE =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  /** On AWS's runtime client. */
  List<String> command(Path root, String handler) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        // The managed runtime's flags for 1,024 MB; four fifths of the memory are for the heap.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Xmx819m",
        MEMORY,
        "--enable-native-access=ALL-UNNAMED",
        "-D" + NATIVE_CODE + "=" + nativeCode(),
        "-cp",
        libraries + "/*:" + root + ":" + root + "/lib/*",
        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        handler);
  }

  /** With the wrapper in the zip, which gets the whole command and changes it. */
  List<String> wrapped(Path root, String handler) {
    List<String> command = new ArrayList<>(List.of(root.resolve(Functions.WRAPPER).toString()));
    command.addAll(command(root, handler));
    return command;
  }

  /** Unpacked before: else the client would do so in each start, which the cloud's does not. */
  private Path nativeCode() {
    String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    return libraries.resolveSibling("jni").resolve("libaws-lambda-jni.linux-" + processor + ".so");
  }
}
