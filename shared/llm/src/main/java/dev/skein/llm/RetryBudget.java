package dev.skein.llm;

/**
 * Keeps retries from making an outage worse: each call earns a fifth of a retry, and a full bucket
 * holds a few more for bursts. In the long run an endpoint gets at most 1.2 attempts per call.
 * Thread-safe.
 *
 * @see <a href="https://finagle.github.io/blog/2016/02/08/retry-budgets/">Retry budgets</a>
 */
final class RetryBudget {
  private static final int TOKENS_PER_RETRY = 5;

  private final int capacity;
  private int tokens;

  /**
   * A full bucket.
   *
   * @param retries how many it holds; with 0 there are none at all
   */
  RetryBudget(int retries) {
    this.capacity = retries * TOKENS_PER_RETRY;
    this.tokens = capacity;
  }

  /** A call begins. */
  synchronized void earn() {
    tokens = Math.min(tokens + 1, capacity);
  }

  /** Takes one retry from the budget; false when it is used up. */
  synchronized boolean tryAcquire() {
    if (tokens < TOKENS_PER_RETRY) {
      return false;
    }
    tokens -= TOKENS_PER_RETRY;
    return true;
  }
}
