package dev.skein.audit;

/** Where a record went. */
public enum Delivery {
  /** The queue has acknowledged it. */
  QUEUED,
  /** It is a line in the log: by the mode, or because the queue did not take it. */
  LOGGED,
  /** The queue did not take it, and the mode demands the queue. The log has it all the same. */
  REFUSED
}
