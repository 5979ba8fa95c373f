package dev.skein.tools;

/**
 * Something in an export that is not as the chains say.
 *
 * @param kind what happened to it
 * @param what the record or the link
 * @param reason how that shows
 */
record Finding(Kind kind, String what, String reason) {

  enum Kind {
    EDITED,
    DELETED,
    INSERTED,
    REORDERED,
    FORKED,
    REWRITTEN,
    /** It may be genuine: the link that would prove it is itself deleted or edited. */
    UNPROVEN
  }

  static String record(String auditId) {
    return "record " + auditId;
  }

  static String link(int chain, long link) {
    return "link %d:%d".formatted(chain, link);
  }

  /** A line for the operator. */
  @Override
  public String toString() {
    return "%-9s %s: %s".formatted(kind, what, reason);
  }
}
