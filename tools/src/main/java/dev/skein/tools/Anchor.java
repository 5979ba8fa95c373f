package dev.skein.tools;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A link of which a place that the table's editor cannot reach knows the hash. */
record Anchor(int chain, long link, String sha256) {
  private static final Pattern HEAD = Pattern.compile("(\\d{1,6}):(\\d{1,15}):([0-9a-f]{64})");

  /** The consumer's log line, also where another form has escaped its quotes. */
  private static final Pattern LOGGED =
      Pattern.compile(
          "\\baudit_batch\\b.*?\\bchain\\W{1,6}(\\d{1,6})\\b.*?\\blink\\W{1,6}(\\d{1,15})\\b"
              + ".*?\\bsha256\\W{1,6}([0-9a-f]{64})\\b");

  /**
   * Reads {@code CHAIN:LINK:SHA256}, as {@code verify} prints a head.
   *
   * @throws ToolException if it is something else
   */
  static Anchor parse(String text) throws ToolException {
    var head = HEAD.matcher(text);
    if (!head.matches()) {
      throw new ToolException("--head must be CHAIN:LINK:SHA256");
    }
    return of(head);
  }

  /** The link that a line of the consumer's log names, if it does. */
  static Optional<Anchor> in(String line) {
    return LOGGED.matcher(line).results().findFirst().map(Anchor::of);
  }

  private static Anchor of(MatchResult match) {
    return new Anchor(
        Integer.parseInt(match.group(1)), Long.parseLong(match.group(2)), match.group(3));
  }
}
