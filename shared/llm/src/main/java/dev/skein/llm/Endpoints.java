package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.CallEnvironment.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The endpoints in the order in which they are tried. If their keys come from a source, they are
 * unavailable until it was read, and it is read again when a provider refuses a key. Thread-safe.
 */
final class Endpoints {
  /** A key that stays refused must not be fetched with every call. */
  static final Duration MIN_REFRESH_INTERVAL = Duration.ofMinutes(5);

  /** While the source fails, calls are answered at once in between. */
  static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final Optional<EndpointSource> source;
  private final LlmLimits limits;
  private final World world;
  private volatile List<Endpoint> endpoints = List.of();
  private volatile boolean available;
  private CompletableFuture<Void> fetch = DONE;
  private Deadline nextFetch;

  /**
   * The endpoints of {@code config}.
   *
   * @param source replaces them, and their keys; empty if they are complete
   */
  Endpoints(LlmConfig config, Optional<EndpointSource> source, World world) {
    this.source = source;
    this.limits = config.limits();
    this.world = world;
    this.available = source.isEmpty();
    this.nextFetch = fromNow(Duration.ZERO);
    replace(config.endpoints());
  }

  List<Endpoint> all() {
    return endpoints;
  }

  /**
   * A call's thread: waits until the keys are known, though a provider may refuse them.
   *
   * @return empty if they are not available, or the call is closed, or {@code end} passed before
   */
  List<Endpoint> await(DeltaChannel call, Deadline end) {
    if (!available) {
      awaitFetch(call, end);
    }
    return available ? endpoints : List.of();
  }

  /**
   * A call's thread: looks for another key after the provider has refused one.
   *
   * @param asked what the request was sent with: another call may have found the key meanwhile
   * @return whether the endpoint has another key now, and the call still wants it
   */
  boolean renew(Endpoint endpoint, LlmEndpoint asked, DeltaChannel call, Deadline end) {
    if (endpoint.config().apiKey().equals(asked.apiKey())) {
      awaitFetch(call, end);
    }
    return !endpoint.config().apiKey().equals(asked.apiKey())
        && call.closed().isEmpty()
        && !end.hasPassed();
  }

  private void awaitFetch(DeltaChannel call, Deadline end) {
    var running = fetch();
    var _ = running.whenComplete((_, _) -> call.wake());
    while (!running.isDone() && call.closed().isEmpty() && !end.hasPassed()) {
      call.awaitWake(end);
    }
  }

  /**
   * Reads the source, or joins the read that is running; does nothing while it must not be read.
   *
   * @return done when there is nothing to wait for
   */
  synchronized CompletableFuture<Void> fetch() {
    if (source.isPresent() && fetch.isDone() && nextFetch.hasPassed()) {
      fetch = source.get().fetch().thenAccept(this::accept);
    }
    return fetch;
  }

  /** The time until the source may be read again; empty if it may be read now. */
  synchronized Optional<Duration> untilFetch() {
    return Optional.of(nextFetch.remaining()).filter(Duration::isPositive);
  }

  private synchronized void accept(Optional<List<LlmEndpoint>> fetched) {
    if (fetched.isEmpty()) {
      nextFetch = fromNow(PAUSE_AFTER_FAILURE);
      return;
    }
    replace(fetched.get());
    // The first fetch was not made because of a refusal: the next one may follow at once.
    nextFetch = fromNow(available ? MIN_REFRESH_INTERVAL : Duration.ZERO);
    available = true;
  }

  /** An endpoint of which only the key has changed keeps all that is known about it. */
  private void replace(List<LlmEndpoint> configs) {
    var next = new ArrayList<Endpoint>();
    for (LlmEndpoint config : configs) {
      int index = next.size();
      if (index < endpoints.size() && endpoints.get(index).isAt(config)) {
        endpoints.get(index).use(config);
        next.add(endpoints.get(index));
      } else {
        next.add(endpoint(config, index == 0));
      }
    }
    endpoints = List.copyOf(next);
  }

  private Endpoint endpoint(LlmEndpoint config, boolean first) {
    Duration silence = Endpoint.MAX_CONCLUSIVE_SILENCE;
    return new Endpoint(
        config,
        first,
        new CircuitBreaker(limits.breakerFailures(), world.nanoTime()),
        limits.firstByte().compareTo(silence) < 0 ? limits.firstByte() : silence);
  }

  private Deadline fromNow(Duration wait) {
    return Deadline.in(wait, world.nanoTime());
  }
}
