package dev.skein.exchange.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.audit.AuditQueue;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A queue in memory, that acknowledges as it is told to. */
public final class FakeQueue implements AuditQueue {
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private volatile Supplier<CompletableFuture<Void>> acknowledgement =
      () -> CompletableFuture.completedFuture(null);

  @Override
  public CompletableFuture<Void> send(String message) {
    messages.add(message);
    return acknowledgement.get();
  }

  /** Every later message is answered by this. */
  public void acknowledgeBy(Supplier<CompletableFuture<Void>> answer) {
    this.acknowledgement = answer;
  }

  /** What was sent, in order, acknowledged or not. */
  public List<JsonNode> records() {
    return messages.stream().map(FakeQueue::parse).toList();
  }

  private static JsonNode parse(String message) {
    try {
      return Json.STRICT.parse(message);
    } catch (MalformedJsonException e) {
      throw new AssertionError("the message is no JSON", e);
    }
  }
}
