package dev.skein.functions.audit;

import java.util.Locale;

/** What became of one message. */
sealed interface Fate {

  /** The table holds it now. */
  record Stored() implements Fate {}

  /** The table held it, or its result, already. */
  record Duplicate() implements Fate {}

  /**
   * The table does not hold it; the queue keeps it, and delivers it again.
   *
   * @param detail more about the reason, in our words or the platform's; nothing of the message
   */
  record Failed(Reason reason, String detail) implements Fate {}

  /** Classes of failure, told apart by what somebody would do about them. */
  enum Reason {
    /** It is no record that can be stored: a producer is at fault. */
    POISON,
    /** Another record with the same id is stored: nothing was overwritten. */
    CONFLICT,
    /** The table takes no more for now. */
    THROTTLED,
    /** The table cannot be reached, refuses us, or is not there. */
    UNAVAILABLE,
    /** The invocation's time was up before its turn. */
    OUT_OF_TIME,
    /** A fault of ours. */
    BUG;

    /** The name in a log line. */
    String logged() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
