package dev.skein.audit;

import java.util.concurrent.CompletableFuture;

/** A queue that stores messages durably. Thread-safe. */
@FunctionalInterface
public interface AuditQueue {

  /**
   * Sends one message.
   *
   * @param message ASCII
   * @return completes when the queue has acknowledged the message, or exceptionally, with a {@link
   *     SendFailedException} if the reason is known. A message may be on the queue even then, so
   *     the consumer is idempotent
   */
  CompletableFuture<Void> send(String message);
}
