package dev.skein.exchange;

import dev.skein.base.Log;
import dev.skein.llm.Charge;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.TokenBound;
import dev.skein.llm.Usage;
import dev.skein.pricing.CostRange;
import dev.skein.pricing.NanoUsd;
import dev.skein.pricing.PriceTable;
import dev.skein.pricing.UnknownCost;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Computes what the model calls of a request cost, exactly or not at all, and logs the models
 * without a price, each once. Thread-safe.
 */
public final class ModelCosts {
  /** A provider can name any model, and as many as it likes. */
  private static final int MAX_LOGGED = 100;

  private final PriceTable prices;
  private final Log log;
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  public ModelCosts(PriceTable prices, Log log) {
    this.prices = prices;
    this.log = log;
  }

  /** The provider's price is that of some moment between them, and it may change there. */
  private record Times(Instant begin, Instant end) {
    static Times of(Attempt attempt, Instant otherwise) {
      if (attempt.operation().isEmpty()) {
        return new Times(otherwise, otherwise);
      }
      Operation operation = attempt.operation().get();
      return new Times(operation.start(), operation.start().plus(operation.duration()));
    }
  }

  /**
   * The cost of all calls of a request.
   *
   * @param at when the request began, for attempts that do not have a time of their own
   */
  RequestCost of(List<LlmResult> results, Instant at) {
    Optional<NanoUsd> usd = Optional.of(NanoUsd.ZERO);
    Optional<CostRange> discarded = Optional.of(CostRange.of(NanoUsd.ZERO));
    boolean hasAnswer = false;
    boolean hasDiscarded = false;
    for (LlmResult result : results) {
      List<Attempt> attempts = result.attempts();
      int without = attempts.size();
      if (result.answer().isPresent()) {
        without--;
        hasAnswer = true;
        usd = sum(usd, cost(result.answer().get(), at));
      }
      for (Attempt attempt : attempts.subList(0, without)) {
        if (attempt.charge().isPresent()) {
          hasDiscarded = true;
          discarded = add(discarded, bounds(attempt.charge().get(), Times.of(attempt, at)));
        }
      }
      if (result.cancelled()) {
        // Nobody knows what it has used.
        hasDiscarded = true;
        discarded = Optional.empty();
      }
    }
    // Without an answer, zero is the cost only of what nobody can bill.
    boolean isKnown = hasAnswer || (!results.isEmpty() && !hasDiscarded);
    return new RequestCost(
        isKnown ? usd : Optional.empty(),
        hasDiscarded,
        hasDiscarded ? discarded : Optional.empty());
  }

  /**
   * The cost of an attempt that has an answer.
   *
   * @param at when the request began, for an attempt that does not have a time of its own
   * @return empty if it is unknown, or was not billed
   */
  Optional<NanoUsd> cost(Attempt answer, Instant at) {
    // The last count may be missing, although the answer is whole.
    return answer.charge().isPresent() && answer.charge().get().complete()
        ? cost(answer.charge().get(), Times.of(answer, at))
        : Optional.empty();
  }

  private Optional<NanoUsd> cost(Charge charge, Times times) {
    if (charge.usage().isEmpty()) {
      return Optional.empty();
    }
    Usage usage = charge.usage().get().withServiceTier(charge.serviceTier());
    if (!usage.isConsistent() || usage.isUnclear()) {
      return Optional.empty();
    }
    var atBegin = prices.cost(charge.baseUrl(), charge.model(), usage, times.begin());
    var atEnd = prices.cost(charge.baseUrl(), charge.model(), usage, times.end());
    var cost = atBegin.equals(atEnd) ? atBegin : Optional.<NanoUsd>empty();
    if (atBegin.isEmpty() || atEnd.isEmpty()) {
      logUnknown(charge, charge.usage(), times.begin());
    }
    return cost;
  }

  private Optional<CostRange> bounds(Charge charge, Times times) {
    var reported = cost(charge, times);
    if (charge.complete()) {
      return reported.map(CostRange::of);
    }
    if (charge.bound().isEmpty() || (charge.usage().isPresent() && reported.isEmpty())) {
      return Optional.empty();
    }
    TokenBound bound = charge.bound().get();
    long prompt = bound.prompt();
    long completion = bound.completion();
    if (charge.usage().isPresent()) {
      prompt = charge.usage().get().promptTokens();
      completion = Math.max(completion, charge.usage().get().completionTokens());
    }
    var most = highest(charge, prompt, completion, times.begin());
    var mostAtEnd = highest(charge, prompt, completion, times.end());
    if (most.isEmpty() || mostAtEnd.isEmpty()) {
      logUnknown(charge, Optional.empty(), times.begin());
      return Optional.empty();
    }
    NanoUsd low = reported.orElse(NanoUsd.ZERO);
    return Optional.of(new CostRange(low, low.max(most.get()).max(mostAtEnd.get())));
  }

  private Optional<NanoUsd> highest(Charge charge, long prompt, long completion, Instant at) {
    return prices
        .bound(charge.baseUrl(), charge.model(), charge.requestedTier(), prompt, completion, at)
        .map(CostRange::high);
  }

  private void logUnknown(Charge charge, Optional<Usage> usage, Instant at) {
    Optional<String> serviceTier = charge.serviceTier();
    String host = String.valueOf(charge.baseUrl().getHost());
    String what = host + ' ' + charge.model() + ' ' + serviceTier.orElse("");
    if (logged.contains(what) || logged.size() >= MAX_LOGGED) {
      return;
    }
    var reason = prices.whyUnknown(charge.baseUrl(), charge.model(), serviceTier, usage, at);
    // Tokens that only a total has are no fault of the prices.
    boolean isOfUsage =
        reason == UnknownCost.UNREPORTED_TOKENS && usage.filter(ModelCosts::hasRest).isPresent();
    if (!isOfUsage && logged.add(what)) {
      log.info(
          "model_price_unknown",
          line -> {
            if (ReportedModel.isName(charge.model())) {
              line.put("model", charge.model());
            }
            line.put("base_url_host", host);
            serviceTier.ifPresent(tier -> line.put("service_tier", tier));
            line.put("reason", reason.code());
          });
    }
  }

  private static boolean hasRest(Usage usage) {
    return usage.totalTokens() != usage.promptTokens() + usage.completionTokens();
  }

  /** Empty if either amount is unknown, or both together are too large for one. */
  private static Optional<NanoUsd> sum(Optional<NanoUsd> a, Optional<NanoUsd> b) {
    try {
      return a.isPresent() && b.isPresent() ? Optional.of(a.get().plus(b.get())) : Optional.empty();
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<CostRange> add(Optional<CostRange> a, Optional<CostRange> b) {
    try {
      return a.isPresent() && b.isPresent() ? Optional.of(a.get().plus(b.get())) : Optional.empty();
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }
}
