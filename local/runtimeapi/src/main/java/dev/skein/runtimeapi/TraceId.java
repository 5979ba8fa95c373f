package dev.skein.runtimeapi;

import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** X-Ray trace headers. */
public final class TraceId {

  private static final HexFormat HEX = HexFormat.of();

  private static final Pattern ROOT =
      Pattern.compile("(^|;) *Root=1-[0-9a-f]{8}-[0-9a-f]{24}( *;|$)");

  private TraceId() {}

  /** The trace of a caller that sends this header; a new one if the header names none. */
  public static String of(@Nullable String header) {
    return header != null && ROOT.matcher(header).find() ? header : next();
  }

  /** A new root of a trace that is not sampled. */
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
