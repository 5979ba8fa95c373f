package dev.skein.local.testing;

import dev.skein.local.LocalSettings;
import java.util.HashMap;
import java.util.Map;

/** Settings for stacks that run side by side. */
public final class FreePorts {

  private FreePorts() {}

  /** The defaults with any free ports, and these variables. */
  public static LocalSettings settings(Map<String, String> variables) {
    Map<String, String> all =
        new HashMap<>(Map.of("PORT", "0", "QUEUE_PORT", "0", "TABLE_PORT", "0", "MODEL_PORT", "0"));
    all.putAll(variables);
    return LocalSettings.from(all);
  }
}
