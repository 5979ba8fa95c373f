package dev.skein.pricing;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import dev.skein.llm.Usage;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What calls to models cost, by the list prices of their providers: the table in this module, which
 * is generated from a public data set, and what an operator's file overrides and adds. Immutable to
 * callers and thread-safe; it reads the prices of a provider at the first question about it, and
 * those of a model at the first question about that.
 *
 * <p>A cost is exact or unknown. It is unknown if the table does not have the endpoint's host, the
 * model, the service tier or a price for the time of the call, or if the usage does not say how
 * many tokens have which price.
 *
 * <p>A cost is the sum over all kinds of tokens, rounded once, half up, to a billionth of a dollar.
 */
public final class PriceTable {
  /** The setting that names an operator's file. */
  static final String PRICES_FILE = "PRICES_FILE";

  /** A provider can report any name: what more of them cost is read anew at each call. */
  private static final int MAX_REMEMBERED = 500;

  private final BuiltInPrices builtIn;
  private final OperatorPrices operator;
  private final ConcurrentHashMap<String, List<Price>> prices = new ConcurrentHashMap<>();

  private PriceTable(BuiltInPrices builtIn, OperatorPrices operator) {
    this.builtIn = builtIn;
    this.operator = operator;
  }

  /**
   * The table, with the operator's file that the setting {@code PRICES_FILE} names, if any.
   *
   * @throws InvalidSettingException if the file cannot be read or has an invalid line; the message
   *     names the file, the line and what is wrong
   */
  public static PriceTable from(Settings settings) {
    Optional<String> file = settings.text("PRICES_FILE");
    var builtIn = new BuiltInPrices();
    return new PriceTable(
        builtIn, file.isPresent() ? OperatorPrices.read(file.get(), builtIn) : OperatorPrices.NONE);
  }

  /**
   * What a call cost.
   *
   * @param baseUrl the endpoint's base URL
   * @param model the model that the provider says has replied
   * @param usage what the provider reported
   * @param at when the call was made
   * @return empty if it is unknown
   */
  public Optional<NanoUsd> cost(URI baseUrl, String model, Usage usage, Instant at) {
    Optional<Provider> provider = provider(baseUrl);
    if (provider.isEmpty()) {
      return Optional.empty();
    }
    Optional<Price> price =
        Price.current(prices(provider.get(), model), tierInTable(usage.serviceTier()), at);
    if (price.isEmpty()) {
      return Optional.empty();
    }
    Optional<Band> band = price.get().band(usage.promptTokens());
    if (band.isEmpty()) {
      return Optional.empty();
    }
    Optional<BilledTokens> tokens = BilledTokens.of(usage, band.get(), provider.get());
    return tokens.isPresent() ? band.get().cost(tokens.get()) : Optional.empty();
  }

  /**
   * What a call can have cost whose usage was never reported: from nothing, as it may not have been
   * billed, to the highest price of this many tokens on any service tier.
   *
   * @param model the model that was asked for
   * @param requestedTier the service tier that was asked for; empty for the usual one
   * @param maxPromptTokens how many tokens the prompt can have had, at least 0
   * @param maxCompletionTokens how many tokens the completion can have had, with the reasoning, at
   *     least 0
   * @return empty if it is unknown
   */
  public Optional<CostRange> bound(
      URI baseUrl,
      String model,
      Optional<String> requestedTier,
      long maxPromptTokens,
      long maxCompletionTokens,
      Instant at) {
    Optional<Provider> provider = provider(baseUrl);
    if (provider.isEmpty()) {
      return Optional.empty();
    }
    List<Price> known = prices(provider.get(), model);
    if (!Price.hasTier(known, tierInTable(requestedTier))) {
      return Optional.empty();
    }
    Optional<NanoUsd> high = Price.highest(known, maxPromptTokens, maxCompletionTokens, at);
    return high.isPresent()
        ? Optional.of(new CostRange(NanoUsd.ZERO, high.get()))
        : Optional.empty();
  }

  /**
   * Why {@link #cost} or {@link #bound} is empty, for the log: it looks everything up again.
   *
   * @param tier the service tier; empty for the usual one
   * @param usage what the provider reported, for a cost; empty for a bound
   */
  public UnknownCost whyUnknown(
      URI baseUrl, String model, Optional<String> tier, Optional<Usage> usage, Instant at) {
    Optional<Provider> provider = provider(baseUrl);
    if (provider.isEmpty()) {
      return UnknownCost.NO_PROVIDER;
    }
    List<Price> known = prices(provider.get(), model);
    if (known.isEmpty()) {
      return UnknownCost.NO_MODEL;
    }
    String tierInTable = tierInTable(tier);
    if (!Price.hasTier(known, tierInTable)) {
      return UnknownCost.NO_TIER;
    }
    Optional<Price> price = Price.current(known, tierInTable, at);
    if (usage.isEmpty() || price.isEmpty()) {
      return UnknownCost.NO_PRICE;
    }
    Optional<Band> band = price.get().band(usage.get().promptTokens());
    return band.isPresent() && BilledTokens.of(usage.get(), band.get(), provider.get()).isEmpty()
        ? UnknownCost.UNREPORTED_TOKENS
        : UnknownCost.NO_PRICE;
  }

  /**
   * The day on which the provider stops serving a model.
   *
   * @param baseUrl the endpoint's base URL
   * @return empty if no day is known
   */
  public Optional<LocalDate> retirement(URI baseUrl, String model) {
    Optional<Provider> provider = provider(baseUrl);
    if (provider.isEmpty()) {
      return Optional.empty();
    }
    String name = nameInTable(provider.get(), model);
    Optional<LocalDate> own = operator.list(provider.get().id()).retirement(name);
    return own.isPresent() ? own : builtIn.list(provider.get().id()).retirement(name);
  }

  private Optional<Provider> provider(URI baseUrl) {
    if (baseUrl.getHost() == null) {
      return Optional.empty();
    }
    String host = baseUrl.getHost().toLowerCase(Locale.ROOT);
    int standard = "http".equalsIgnoreCase(baseUrl.getScheme()) ? 80 : 443;
    int port = baseUrl.getPort() < 0 ? standard : baseUrl.getPort();
    Optional<Provider> named = operator.provider(host, port);
    return named.isPresent() ? named : builtIn.provider(host, port);
  }

  /** The prices of a model; an empty list if there are none. */
  private List<Price> prices(Provider provider, String model) {
    String name = nameInTable(provider, model);
    String key = provider.id() + ' ' + name;
    List<Price> known = prices.get(key);
    if (known == null) {
      Optional<List<Price>> own = operator.list(provider.id()).prices(name);
      known = (own.isPresent() ? own : builtIn.list(provider.id()).prices(name)).orElse(List.of());
      if (prices.size() < MAX_REMEMBERED) {
        prices.put(key, known);
      }
    }
    return known;
  }

  private static String tierInTable(Optional<String> tier) {
    return Price.tierInTable(tier.orElse(Price.STANDARD));
  }

  private static String nameInTable(Provider provider, String model) {
    return provider.nameInTable(model.toLowerCase(Locale.ROOT));
  }
}
