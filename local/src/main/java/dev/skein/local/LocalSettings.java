package dev.skein.local;

import dev.skein.local.console.StartupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person can choose about the local stack. Ports are 0 to 65535; 0 takes any free one.
 *
 * @param port of the API; {@code PORT}, default 8080
 * @param queuePort of ElasticMQ; {@code QUEUE_PORT}, default 9324
 * @param tablePort of DynamoDB Local; {@code TABLE_PORT}, default 8000
 * @param modelPort of the offline model; {@code MODEL_PORT}, default 4010
 * @param modelFaults names of faults or families of {@code docs/model-faults.md}, or {@code all};
 *     when there are any, a model server that fails so takes the stand-in's place; {@code
 *     MODEL_FAULTS}, default none
 * @param dataFolder where messages and records survive a restart; {@code DATA_DIR}, default none:
 *     in memory
 * @param maxEnvironments processes for each function; {@code MAX_ENVIRONMENTS}, 1 to 100, default 4
 * @param maxWaiting requests that wait for one function's environments; default 1,000
 * @param patience how long a caller waits for an answer at most, whatever its route's timeout;
 *     default 15 min, the longest of those
 */
public record LocalSettings(
    int port,
    int queuePort,
    int tablePort,
    int modelPort,
    List<String> modelFaults,
    Optional<Path> dataFolder,
    int maxEnvironments,
    int maxWaiting,
    Duration patience) {

  private static final int MAX_WAITING = 1000;
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  /**
   * Reads the settings from environment variables; an empty one counts as absent.
   *
   * @throws StartupException naming the variable whose value is of no use
   */
  public static LocalSettings from(Map<String, String> environment) {
    String data = environment.getOrDefault("DATA_DIR", "");
    return new LocalSettings(
        port(environment, "PORT", 8080),
        port(environment, "QUEUE_PORT", 9324),
        port(environment, "TABLE_PORT", 8000),
        port(environment, "MODEL_PORT", 4010),
        names(environment.getOrDefault("MODEL_FAULTS", "")),
        data.isBlank() ? Optional.empty() : Optional.of(Path.of(data).toAbsolutePath()),
        number(environment, "MAX_ENVIRONMENTS", 4, 1, 100),
        MAX_WAITING,
        PATIENCE);
  }

  /** Free ports everywhere, in memory, the other defaults: for tests. */
  public static LocalSettings onFreePorts() {
    return new LocalSettings(0, 0, 0, 0, List.of(), Optional.empty(), 4, MAX_WAITING, PATIENCE);
  }

  /** The same settings with other limits. */
  public LocalSettings withLimits(int environments, int waiting, Duration patience) {
    return new LocalSettings(
        port,
        queuePort,
        tablePort,
        modelPort,
        modelFaults,
        dataFolder,
        environments,
        waiting,
        patience);
  }

  /** The same settings with data that survives in {@code folder}. */
  public LocalSettings withData(Path folder) {
    return new LocalSettings(
        port,
        queuePort,
        tablePort,
        modelPort,
        modelFaults,
        Optional.of(folder.toAbsolutePath()),
        maxEnvironments,
        maxWaiting,
        patience);
  }

  private static List<String> names(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static int port(Map<String, String> environment, String name, int otherwise) {
    return number(environment, name, otherwise, 0, 65_535);
  }

  private static int number(
      Map<String, String> environment, String name, int otherwise, int least, int most) {
    String text = environment.getOrDefault(name, "").strip();
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The message below says it all.
    }
    throw new StartupException(
        "%s is %s; it must be a whole number from %d to %d.".formatted(name, text, least, most));
  }
}
