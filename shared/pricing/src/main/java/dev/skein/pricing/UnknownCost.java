package dev.skein.pricing;

import java.util.Locale;

/** Why the cost of a call is unknown. */
public enum UnknownCost {
  /** The table lacks the endpoint's host. */
  NO_PROVIDER,
  /** The provider's prices lack the model. */
  NO_MODEL,
  /** The model has no price on the service tier. */
  NO_TIER,
  /** The model has none for such a call at this time. */
  NO_PRICE,
  /** It has a price for cached or cache-written tokens, and the usage may leave them out. */
  UNREPORTED_TOKENS;

  /** The value in the log, such as {@code no_model}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
