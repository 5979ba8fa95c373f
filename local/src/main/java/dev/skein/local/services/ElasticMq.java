package dev.skein.local.services;

import dev.skein.local.process.ChildProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The command that starts ElasticMQ, an SQS server with SQS's limits and redrive. */
final class ElasticMq {

  private ElasticMq() {}

  /**
   * @param classPath the folder of its jars
   * @param data where queues and messages survive a restart; empty: in memory
   */
  static LocalService.Plan plan(
      Path classPath, int port, Path work, Path logs, Optional<Path> data) {
    Path config = work.resolve("queue.conf");
    try {
      Files.writeString(config, config(port, data));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> command =
        List.of(
            ChildProcesses.java(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dconfig.file=" + config,
            "-cp",
            classPath + "/*",
            "org.elasticmq.server.Main");
    return new LocalService.Plan("ElasticMQ", command, Map.of(), port, logs.resolve("queue.log"));
  }

  private static String config(int port, Optional<Path> data) {
    String config =
        """
        include classpath("application.conf")
        node-address { protocol = http, host = "127.0.0.1", port = %1$d, context-path = "" }
        rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = %1$d, sqs-limits = strict }
        rest-stats { enabled = false }
        aws { region = us-east-1, accountId = "000000000000" }
        """
            .formatted(port);
    return config + data.map(ElasticMq::storage).orElse("");
  }

  private static String storage(Path data) {
    return """
    queues-storage { enabled = true, path = %s }
    messages-storage {
      enabled = true, driver-class = "org.h2.Driver", uri = %s
      username = "", password = "", prune-data-on-init = false
    }
    """
        .formatted(
            quoted(data.resolve("queues.conf").toString()),
            quoted("jdbc:h2:" + data.resolve("messages")));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
