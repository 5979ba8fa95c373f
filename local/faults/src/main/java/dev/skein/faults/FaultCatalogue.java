package dev.skein.faults;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Every known way in which a provider fails. */
public final class FaultCatalogue {
  /** A part of each text of a failing provider, none of which may reach a caller. */
  public static final String PROSE = "PROVIDER-PROSE-CANARY";

  /** A pause that is not yet a stall. */
  static final Duration SLOWLY = Duration.ofMillis(100);

  private static final List<Fault> ALL = collect();

  private FaultCatalogue() {}

  /** All of them, family by family. */
  public static List<Fault> all() {
    return ALL;
  }

  /** The fault of this name. */
  public static Optional<Fault> named(String name) {
    return ALL.stream().filter(fault -> fault.name().equals(name)).findFirst();
  }

  private static List<Fault> collect() {
    var faults = new FaultList();
    ErrorFaults.addTo(faults);
    WireFaults.addTo(faults);
    BodyFaults.addTo(faults);
    StreamFaults.addTo(faults);
    EndingFaults.addTo(faults);
    DialectFaults.addTo(faults);
    return faults.faults();
  }
}
