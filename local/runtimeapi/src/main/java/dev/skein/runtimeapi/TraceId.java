package dev.skein.runtimeapi;

import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Makes well-formed X-Ray trace headers for requests that are not sampled. */
public final class TraceId {

  private static final HexFormat HEX = HexFormat.of();

  private TraceId() {}

  /** A new root. */
  public static String next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return "Root=1-%s-%s%s;Parent=%s;Sampled=0"
        .formatted(
            HEX.toHexDigits((int) Instant.now().getEpochSecond()),
            HEX.toHexDigits(random.nextInt()),
            HEX.toHexDigits(random.nextLong()),
            HEX.toHexDigits(random.nextLong()));
  }
}
