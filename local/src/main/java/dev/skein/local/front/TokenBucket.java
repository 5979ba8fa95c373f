package dev.skein.local.front;

import dev.skein.local.template.Deployment.Throttle;
import java.util.function.LongSupplier;

/** API Gateway's throttling: a bucket that is full at first and fills at a rate. Thread-safe. */
final class TokenBucket {

  private final Throttle limits;
  private final LongSupplier nanoTime;
  private double tokens;
  private long filledAt;

  TokenBucket(Throttle limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.tokens = limits.burst();
    this.filledAt = nanoTime.getAsLong();
  }

  /** Whether another request may pass now. */
  synchronized boolean tryAcquire() {
    long now = nanoTime.getAsLong();
    tokens = Math.min(limits.burst(), tokens + (now - filledAt) / 1e9 * limits.rate());
    filledAt = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
