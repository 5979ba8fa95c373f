package dev.skein.llm;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where the endpoints and their API keys are kept, if not in the configuration. Thread-safe. */
@FunctionalInterface
public interface EndpointSource {

  /**
   * Fetches the endpoints as they are now. Returns at once; takes a limited time.
   *
   * @return in the order in which they are tried, at least one; empty if they are not available,
   *     which the source has logged. Never fails
   */
  CompletableFuture<Optional<List<LlmEndpoint>>> fetch();
}
