package dev.skein.local.testing;

import dev.skein.local.LocalSettings;
import java.util.HashMap;
import java.util.Map;

/** Settings for stacks that run side by side. */
public final class FreePorts {

  private FreePorts() {}

  /**
   * The defaults with any free ports, few environments and a long wait for them, and these
   * variables: many stacks share the machine.
   */
  public static LocalSettings settings(Map<String, String> variables) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "PORT", "0",
                "QUEUE_PORT", "0",
                "TABLE_PORT", "0",
                "MODEL_PORT", "0",
                "MAX_ENVIRONMENTS", "4",
                "ENVIRONMENT_WAIT_MS", "600000"));
    all.putAll(variables);
    return LocalSettings.from(all);
  }
}
