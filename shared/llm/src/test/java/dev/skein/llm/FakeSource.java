package dev.skein.llm;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** A source whose fetches end when the test says so. Thread-safe. */
final class FakeSource implements EndpointSource {
  private final Queue<CompletableFuture<Optional<List<LlmEndpoint>>>> running = new ArrayDeque<>();
  private int fetches;

  @Override
  public synchronized CompletableFuture<Optional<List<LlmEndpoint>>> fetch() {
    fetches++;
    var fetch = new CompletableFuture<Optional<List<LlmEndpoint>>>();
    running.add(fetch);
    notifyAll();
    return fetch;
  }

  /** How many fetches have begun. */
  synchronized int fetches() {
    return fetches;
  }

  /** Waits for the next fetch, and ends it with these endpoints. */
  void finds(LlmEndpoint... endpoints) throws InterruptedException {
    next().complete(Optional.of(List.of(endpoints)));
  }

  /** Waits for the next fetch, and lets it fail. */
  void fails() throws InterruptedException {
    next().complete(Optional.empty());
  }

  private synchronized CompletableFuture<Optional<List<LlmEndpoint>>> next()
      throws InterruptedException {
    while (running.isEmpty()) {
      wait();
    }
    return running.remove();
  }
}
