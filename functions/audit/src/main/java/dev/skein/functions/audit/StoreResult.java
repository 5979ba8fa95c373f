package dev.skein.functions.audit;

import dev.skein.audit.ChainLink.Entry;
import java.util.Locale;
import java.util.Optional;

/** What storing one message did. */
sealed interface StoreResult {

  /**
   * The record is in the table now.
   *
   * @param entry the entry of the stored record in the hash chain; empty if there is no chain
   */
  record Stored(Optional<Entry> entry) implements StoreResult {
    /** A result without a chain. */
    Stored() {
      this(Optional.empty());
    }
  }

  /**
   * The record, or its completed form, was in the table before.
   *
   * @param entry the entry of the stored record in the hash chain; empty if there is no chain
   */
  record Duplicate(Optional<Entry> entry) implements StoreResult {
    /** A result without a chain. */
    Duplicate() {
      this(Optional.empty());
    }
  }

  /**
   * The message was not stored completely; the queue keeps it and delivers it again.
   *
   * @param detail more about the reason; never part of the message
   */
  record NotStored(FailureReason reason, String detail) implements StoreResult {

    /** Whether this says something about the table rather than about the message. */
    boolean isOfTheTable() {
      return reason == FailureReason.THROTTLED || reason == FailureReason.UNAVAILABLE;
    }
  }

  /** Why a message was not stored. */
  enum FailureReason {
    /** The message is not a record that can be stored: the fault is its producer's. */
    POISON,
    /** A different record with the same id is stored; it was not overwritten. */
    CONFLICT,
    /** The table throttles writes. */
    THROTTLED,
    /** The table does not exist, cannot be reached, or denies access. */
    UNAVAILABLE,
    /** It was not tried, because several writes before it had failed in a row. */
    CIRCUIT_OPEN,
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
