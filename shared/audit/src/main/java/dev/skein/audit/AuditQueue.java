package dev.skein.audit;

import java.util.concurrent.CompletableFuture;

/** Takes messages and keeps them. Thread-safe. */
@FunctionalInterface
public interface AuditQueue {

  /**
   * Sends one message.
   *
   * @param message ASCII
   * @return completes when the queue has acknowledged it, else exceptionally; a message may have
   *     been taken all the same, so its consumer is idempotent
   */
  CompletableFuture<Void> send(String message);
}
