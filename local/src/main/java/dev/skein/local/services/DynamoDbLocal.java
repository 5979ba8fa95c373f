package dev.skein.local.services;

import dev.skein.local.process.ChildProcesses;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** DynamoDB Local, unmodified and with its telemetry off. */
final class DynamoDbLocal {

  private DynamoDbLocal() {}

  /**
   * @param classPath the folder of its jars and native libraries
   * @param launcher where {@link DynamoDbLocalMain} is
   * @param data where tables survive, if they do
   */
  static LocalService.Plan plan(
      Path classPath, Path launcher, int port, Path logs, Optional<Path> data) {
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
                launcher + File.pathSeparator + classPath + "/*",
                DynamoDbLocalMain.class.getName(),
                "-port",
                Integer.toString(port),
                // One database for every region and key: any AWS tool finds the tables.
                "-sharedDb",
                "-disableTelemetry"));
    command.addAll(
        data.map(folder -> List.of("-dbPath", folder.toString())).orElse(List.of("-inMemory")));
    return new LocalService.Plan(
        "DynamoDB Local, the table,",
        command,
        Map.of("DDB_LOCAL_TELEMETRY", "0"),
        port,
        logs.resolve("table.log"));
  }
}
