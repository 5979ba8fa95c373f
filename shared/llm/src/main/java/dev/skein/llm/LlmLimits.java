package dev.skein.llm;

import java.time.Duration;

/**
 * The bounds of a call besides its deadline, which is over all of them.
 *
 * @param connect until a connection is open, 100 ms to 60 s
 * @param firstByte from sending an attempt until the head of its answer is there, 100 ms to 15 min
 * @param stall between two pieces of a body, 100 ms to 15 min
 * @param maxRetries attempts at one endpoint after the first, 0 to 10
 * @param retryBudget how many retries this environment may make beyond a fifth of its calls, 0 to
 *     100,000
 * @param breakerFaults how many consecutive faults of an endpoint let it be skipped for a while, 1
 *     to 100,000
 * @param maxInFlight calls of this environment at once, 1 to 1,000; as many again may wait
 */
public record LlmLimits(
    Duration connect,
    Duration firstByte,
    Duration stall,
    int maxRetries,
    int retryBudget,
    int breakerFaults,
    int maxInFlight) {

  /** The largest reply that is taken, in bytes: no completion that we ask for comes near it. */
  public static final int MAX_REPLY_BYTES = 1 << 20;

  /** The largest stream that is taken, in bytes: a token's chunk has some hundred. */
  public static final int MAX_STREAM_BYTES = 64 << 20;
}
