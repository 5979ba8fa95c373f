package dev.skein.local.functions;

import java.time.Duration;

/** How one invocation of a function ended. */
public sealed interface Outcome {

  /**
   * The function returned.
   *
   * @param payload what it returned, at most 6 MB; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Answered(byte[] payload) implements Outcome {}

  /** The function threw, or answered with more than 6 MB. */
  record Failed(String type, String message) implements Outcome {}

  /** The function ran longer than its Timeout, and its process was killed. */
  record TimedOut(Duration limit) implements Outcome {}

  /** The process ended without an answer, or could not be initialised. */
  record Ended(String why) implements Outcome {}

  /** The caller's patience ended while the function still ran; it runs on, as in the cloud. */
  record Late() implements Outcome {}

  /** Every environment was busy for as long as the caller could wait, or too many waited. */
  record Throttled() implements Outcome {}

  /** The event is larger than the 6 MB that a function takes. */
  record TooLarge() implements Outcome {}
}
