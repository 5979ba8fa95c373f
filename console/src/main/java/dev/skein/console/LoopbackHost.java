package dev.skein.console;

import java.util.regex.Pattern;

/** Names of this machine that no DNS server can give to another one, or to this one. */
final class LoopbackHost {

  /** The port is whichever leads here, also through a tunnel. */
  private static final Pattern FORM =
      Pattern.compile(
          "(?:127\\.0\\.0\\.1|localhost|\\[::1])(?::\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private LoopbackHost() {}

  /** Whether this is such a name, with or without a port, as in the header {@code Host}. */
  static boolean isLoopback(String host) {
    return FORM.matcher(host).matches();
  }
}
