package dev.skein.local.services;

import dev.skein.local.process.ChildProcesses;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The command that starts DynamoDB Local, with its telemetry off. */
final class DynamoDbLocal {

  private DynamoDbLocal() {}

  /**
   * @param classPath the folder of its jars and native libraries
   * @param data where tables survive a restart; empty: in memory
   */
  static LocalService.Plan plan(Path classPath, int port, Path logs, Optional<Path> data) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ChildProcesses.java(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.library.path=" + classPath,
                "-cp",
                ownClasses() + File.pathSeparator + classPath + "/*",
                DynamoDbLocalMain.class.getName(),
                "-port",
                Integer.toString(port),
                // One database for all regions and credentials, so that any AWS tool finds the
                // tables.
                "-sharedDb",
                "-disableTelemetry"));
    command.addAll(
        data.map(folder -> List.of("-dbPath", folder.toString())).orElse(List.of("-inMemory")));
    return new LocalService.Plan(
        "DynamoDB Local",
        command,
        Map.of("DDB_LOCAL_TELEMETRY", "0"),
        port,
        logs.resolve("table.log"));
  }

  private static String ownClasses() {
    return DynamoDbLocal.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }
}
