package dev.skein.audit;

/** Where a record was delivered. */
public enum Delivery {
  /** The queue has acknowledged it. */
  QUEUED,
  /** It was logged, because of the mode or because it could not be sent to the queue. */
  LOGGED,
  /** It could not be sent to the queue, which the mode requires. It was logged. */
  NOT_QUEUED
}
