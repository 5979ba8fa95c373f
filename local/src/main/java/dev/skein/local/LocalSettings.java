package dev.skein.local;

import dev.skein.local.console.StartupException;
import dev.skein.local.front.ApiKeys;
import dev.skein.local.front.IamAccessKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of the local stack. Ports are 0 to 65535; 0 means any free port.
 *
 * @param template the file name of the template; {@code TEMPLATE}, default {@code template.yaml}
 * @param port of the API; {@code PORT}, default 8080
 * @param queuePort of ElasticMQ; {@code QUEUE_PORT}, default 9324
 * @param tablePort of DynamoDB Local; {@code TABLE_PORT}, default 8000
 * @param modelPort of the offline model; {@code MODEL_PORT}, default 4010
 * @param modelFaults faults or families of {@code docs/model-faults.md}, or {@code all}; if there
 *     are any, a model server that fails in these ways replaces the offline model; {@code
 *     MODEL_FAULTS}, default none
 * @param modelThinking whether the offline model thinks before it answers, as OpenAI's reasoning
 *     models do; {@code MODEL_THINKING}, {@code on} or {@code off}, default {@code off}
 * @param dataFolder where messages and records survive a restart; {@code DATA_DIR}, default none:
 *     in memory
 * @param maxEnvironments execution environments per function; {@code MAX_ENVIRONMENTS}, 1 to 100,
 *     default 10
 * @param environmentWait how long a request waits for one of them before it is throttled; {@code
 *     ENVIRONMENT_WAIT_MS}, 0 to 900,000, default 10,000
 * @param dockerBridge whether the services also listen on Docker's bridge, for the containers of
 *     {@code sam local}; {@code DOCKER_BRIDGE}, {@code on} or {@code off}, default {@code off}
 * @param apiKeys the keys of callers; {@code API_KEYS}, default none: no key is asked for
 * @param iamAccessKeys the access keys that sign requests to IAM routes; {@code IAM_ACCESS_KEYS},
 *     default none: no signature is asked for
 * @param functionLogs whether the console shows every line that the functions log; {@code
 *     FUNCTION_LOGS}, {@code on} or {@code off}, default {@code off}
 */
public record LocalSettings(
    String template,
    int port,
    int queuePort,
    int tablePort,
    int modelPort,
    List<String> modelFaults,
    boolean modelThinking,
    Optional<Path> dataFolder,
    int maxEnvironments,
    Duration environmentWait,
    boolean dockerBridge,
    ApiKeys apiKeys,
    IamAccessKeys iamAccessKeys,
    boolean functionLogs) {

  /**
   * Reads the settings from environment variables; an empty one counts as absent.
   *
   * @throws StartupException if a value is invalid; the message names the variable
   */
  public static LocalSettings from(Map<String, String> environment) {
    String data = environment.getOrDefault("DATA_DIR", "");
    String template = environment.getOrDefault("TEMPLATE", "").strip();
    return new LocalSettings(
        template.isEmpty() ? "template.yaml" : template,
        number(environment, "PORT", 8080, 0, 65_535),
        number(environment, "QUEUE_PORT", 9324, 0, 65_535),
        number(environment, "TABLE_PORT", 8000, 0, 65_535),
        number(environment, "MODEL_PORT", 4010, 0, 65_535),
        Arrays.stream(environment.getOrDefault("MODEL_FAULTS", "").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList(),
        isOn(environment, "MODEL_THINKING"),
        data.isBlank() ? Optional.empty() : Optional.of(Path.of(data).toAbsolutePath()),
        number(environment, "MAX_ENVIRONMENTS", 10, 1, 100),
        Duration.ofMillis(number(environment, "ENVIRONMENT_WAIT_MS", 10_000, 0, 900_000)),
        isOn(environment, "DOCKER_BRIDGE"),
        ApiKeys.parse(environment.getOrDefault("API_KEYS", "")),
        IamAccessKeys.parse(environment.getOrDefault("IAM_ACCESS_KEYS", "")),
        isOn(environment, "FUNCTION_LOGS"));
  }

  private static boolean isOn(Map<String, String> environment, String name) {
    String text = environment.getOrDefault(name, "").strip();
    return switch (text) {
      case "on" -> true;
      case "off", "" -> false;
      default ->
          throw new StartupException("%s is %s; it must be on or off.".formatted(name, text));
    };
  }

  private static int number(
      Map<String, String> environment, String name, int absent, int min, int max) {
    String text = environment.getOrDefault(name, "").strip();
    if (text.isEmpty()) {
      return absent;
    }
    int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    if (number < min || number > max) {
      throw new StartupException(
          "%s is %s; it must be an integer from %d to %d.".formatted(name, text, min, max));
    }
    return number;
  }
}
