package dev.skein.bench;

import java.time.Duration;

/**
 * Under what a function starts.
 *
 * @param tls whether it reaches model, queue and table over TLS
 * @param limited whether it has only {@link CpuQuota#VCPUS} after init
 * @param modelTime how long the model takes for a reply
 */
record Condition(boolean tls, boolean limited, Duration modelTime) {

  static final Condition PLAIN = new Condition(false, false, Duration.ZERO);
  static final Condition TLS = new Condition(true, false, Duration.ZERO);
  static final Condition TLS_LIMITED = new Condition(true, true, Duration.ZERO);

  /** The same with a slow model. */
  Condition withModelTime(Duration time) {
    return new Condition(tls, limited, time);
  }

  /** The heading of its column. */
  String title() {
    String connection = tls ? "TLS" : "plain";
    String cpu = limited ? ", %s vCPU".formatted(CpuQuota.VCPUS) : "";
    return connection
        + cpu
        + (modelTime.isZero() ? "" : ", model %d ms".formatted(modelTime.toMillis()));
  }
}
