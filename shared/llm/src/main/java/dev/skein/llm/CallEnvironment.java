package dev.skein.llm;

import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;

/** What all calls of a client share, and what they need of the world. */
record CallEnvironment(
    Transport transport,
    List<Endpoint> endpoints,
    LlmLimits limits,
    RetryBudget budget,
    InFlightLimit inFlight,
    World world) {

  static CallEnvironment of(LlmConfig config, Transport transport, World world) {
    var limits = config.limits();
    var endpoints =
        config.endpoints().stream()
            .map(
                endpoint ->
                    new Endpoint(
                        endpoint,
                        endpoint.equals(config.endpoints().getFirst()),
                        new Breaker(limits.breakerFaults(), world.nanoTime())))
            .toList();
    return new CallEnvironment(
        transport,
        endpoints,
        limits,
        new RetryBudget(limits.retryBudget()),
        new InFlightLimit(limits.maxInFlight()),
        world);
  }

  /**
   * Time and chance.
   *
   * @param clock tells the time of day, in which a provider may name the end of a wait
   * @param nanoTime never goes back
   */
  record World(Timer timer, RetryRules rules, InstantSource clock, LongSupplier nanoTime) {}
}
