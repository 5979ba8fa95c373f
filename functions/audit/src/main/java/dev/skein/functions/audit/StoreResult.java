package dev.skein.functions.audit;

import java.util.Locale;

/** What storing one message did. */
sealed interface StoreResult {

  /** The record is in the table now. */
  record Stored() implements StoreResult {}

  /** The record, or its completed form, was in the table before. */
  record Duplicate() implements StoreResult {}

  /**
   * The record is not in the table; the queue keeps the message and delivers it again.
   *
   * @param detail more about the reason; never part of the message
   */
  record NotStored(FailureReason reason, String detail) implements StoreResult {}

  /** Why a record was not stored. */
  enum FailureReason {
    /** The message is not a record that can be stored: the fault is its producer's. */
    POISON,
    /** A different record with the same id is stored; it was not overwritten. */
    CONFLICT,
    /** The table throttles writes. */
    THROTTLED,
    /** The table does not exist, cannot be reached, or denies access. */
    UNAVAILABLE,
    /** The invocation ran out of time before this message. */
    OUT_OF_TIME,
    /** A fault in this function. */
    BUG;

    /** The name in a log line. */
    String logged() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
