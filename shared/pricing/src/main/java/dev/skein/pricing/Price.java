package dev.skein.pricing;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * What the tokens of a model cost on one service tier from a date on, or in some hours of each day.
 *
 * @param tier the service tier; {@link #STANDARD} for the one that calls are usually served on
 * @param from the first day, in UTC
 * @param hours the time of the day in which the price holds
 * @param bands the prices by the prompt's length, the shortest first; empty if they are unknown
 */
record Price(String tier, LocalDate from, Hours hours, List<Band> bands) {
  static final String STANDARD = "default";

  private static final long DAY = 86_400;

  /**
   * A time of each day in UTC, which may contain midnight. The whole day is from 0 to 1440.
   *
   * @param from the first minute of the day
   * @param to the minute after the last one
   */
  record Hours(int from, int to) {
    static final Hours ALL = new Hours(0, 24 * 60);

    boolean contains(int minute) {
      return from < to ? minute >= from && minute < to : minute >= from || minute < to;
    }

    /** Whether each minute of another time is one of this, too. */
    boolean covers(Hours other) {
      for (int minute = 0; minute < ALL.to; minute++) {
        if (other.contains(minute) && !contains(minute)) {
          return false;
        }
      }
      return true;
    }
  }

  /** The name in the table of the tier that a provider names; most have two for the usual one. */
  static String tierInTable(String tier) {
    return tier.equals("standard") || tier.equals("on_demand") ? STANDARD : tier;
  }

  /** Whether a model has a price on a tier, at any time. */
  static boolean hasTier(List<Price> prices, String tier) {
    for (Price price : prices) {
      if (price.tier.equals(tier)) {
        return true;
      }
    }
    return false;
  }

  /** Whether this price, on a later line, always holds instead of another one. */
  boolean replaces(Price earlier) {
    return tier.equals(earlier.tier) && !from.isAfter(earlier.from) && hours.covers(earlier.hours);
  }

  /** The last of a model's prices that holds on a tier at a time. */
  static Optional<Price> current(List<Price> prices, String tier, Instant at) {
    int index = indexOfCurrent(prices, tier, at);
    return index < 0 ? Optional.empty() : Optional.of(prices.get(index));
  }

  private static int indexOfCurrent(List<Price> prices, String tier, Instant at) {
    int index = prices.size() - 1;
    while (index >= 0 && !(prices.get(index).tier.equals(tier) && prices.get(index).holds(at))) {
      index--;
    }
    return index;
  }

  /** The most that a call costs on any tier; empty if that of one of them is unknown. */
  static Optional<NanoUsd> highest(
      List<Price> prices, long maxPromptTokens, long maxCompletionTokens, Instant at) {
    if (current(prices, STANDARD, at).isEmpty()) {
      return Optional.empty();
    }
    NanoUsd highest = NanoUsd.ZERO;
    for (int i = 0; i < prices.size(); i++) {
      Price price = prices.get(i);
      if (indexOfCurrent(prices, price.tier, at) == i) {
        Optional<NanoUsd> cost = price.highest(maxPromptTokens, maxCompletionTokens);
        if (cost.isEmpty()) {
          return Optional.empty();
        }
        highest = highest.max(cost.get());
      }
    }
    return Optional.of(highest);
  }

  /** The prices of a prompt of this length. */
  Optional<Band> band(long promptTokens) {
    Optional<Band> longest = Optional.empty();
    for (Band band : bands) {
      if (promptTokens > band.above()) {
        longest = Optional.of(band);
      }
    }
    return longest;
  }

  private Optional<NanoUsd> highest(long maxPromptTokens, long maxCompletionTokens) {
    if (bands.isEmpty()) {
      return Optional.empty();
    }
    NanoUsd highest = NanoUsd.ZERO;
    for (Band band : bands) {
      if (maxPromptTokens > band.above()) {
        Optional<NanoUsd> cost = band.highest(maxPromptTokens, maxCompletionTokens);
        if (cost.isEmpty()) {
          return Optional.empty();
        }
        highest = highest.max(cost.get());
      }
    }
    return Optional.of(highest);
  }

  private boolean holds(Instant at) {
    int minute = (int) (Math.floorMod(at.getEpochSecond(), DAY) / 60);
    var today = LocalDate.ofEpochDay(Math.floorDiv(at.getEpochSecond(), DAY));
    return !today.isBefore(from) && hours.contains(minute);
  }
}
