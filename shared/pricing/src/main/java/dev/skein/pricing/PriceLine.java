package dev.skein.pricing;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line {@code price}: conditions, then prices, then for each longer kind of prompt {@code
 * above=N} and its prices.
 *
 * <p>Written by hand, as the parts of java.text and java.time that parse would take longer than the
 * whole table.
 */
final class PriceLine {
  private static final int BASE = -1;
  private static final long MAX_PRICE = 1_000_000;
  private static final NanoUsd LIMIT = NanoUsd.parse(Long.toString(MAX_PRICE));

  private String tier = Price.STANDARD;
  private LocalDate from = LocalDate.MIN;
  private Price.Hours hours = Price.Hours.ALL;
  private boolean unknown;
  private final List<Band> bands = new ArrayList<>();
  private long above = BASE;
  private @Nullable NanoUsd input;
  private @Nullable NanoUsd cached;
  private @Nullable CostRange cacheWrite;
  private @Nullable NanoUsd output;

  private PriceLine() {}

  /**
   * Reads the words after {@code price}.
   *
   * @throws InvalidLineException if they are not of that form
   */
  static Price read(List<String> words) {
    var line = new PriceLine();
    for (String word : words) {
      line.add(word);
    }
    return line.price();
  }

  /**
   * Reads a date such as {@code 2027-01-14}.
   *
   * @throws InvalidLineException if it is none
   */
  static LocalDate date(String text) {
    try {
      if (text.length() == 10 && text.charAt(4) == '-' && text.charAt(7) == '-') {
        return LocalDate.of(
            number(text.substring(0, 4)), number(text.substring(5, 7)), number(text.substring(8)));
      }
    } catch (DateTimeException e) {
      // Rejected below.
    }
    throw new InvalidLineException("must have a date such as 2027-01-14, not \"" + text + "\"");
  }

  private void add(String word) {
    int equals = word.indexOf('=');
    String value = word.substring(equals + 1);
    switch (word.substring(0, Math.max(equals, 0))) {
      case "tier" -> tier = Price.tierInTable(value);
      case "from" -> from = date(value);
      case "hours" -> hours = hours(value);
      case "above" -> nextBand(number(value));
      case "input" -> input = rate(value);
      case "cached" -> cached = rate(value);
      case "cache_write" -> cacheWrite = range(value);
      case "output" -> output = rate(value);
      case "" -> acceptUnknown(word);
      default -> throw new InvalidLineException("has the unknown field \"" + word + "\"");
    }
  }

  private void acceptUnknown(String word) {
    if (!word.equals("unknown")) {
      throw new InvalidLineException("has the unknown field \"" + word + "\"");
    }
    unknown = true;
  }

  private Price price() {
    if (unknown) {
      if (input != null || cached != null || cacheWrite != null || output != null) {
        throw new InvalidLineException("must have either prices or \"unknown\"");
      }
      return new Price(tier, from, hours, List.of());
    }
    endBand();
    return new Price(tier, from, hours, List.copyOf(bands));
  }

  private void nextBand(int start) {
    endBand();
    if (start <= above) {
      throw new InvalidLineException("must have its \"above=\" in ascending order");
    }
    above = start;
    input = null;
    cached = null;
    cacheWrite = null;
    output = null;
  }

  private void endBand() {
    if (input == null) {
      throw new InvalidLineException("must have \"input=\" and dollars per million tokens");
    }
    bands.add(
        new Band(
            above,
            input,
            Optional.ofNullable(cached),
            Optional.ofNullable(cacheWrite),
            Optional.ofNullable(output)));
  }

  private static NanoUsd rate(String text) {
    NanoUsd rate;
    try {
      rate = NanoUsd.parse(text);
    } catch (NumberFormatException e) {
      throw new InvalidLineException(
          "must have dollars per million tokens such as 0.15, not \"" + text + "\"");
    }
    if (rate.compareTo(LIMIT) > 0) {
      throw new InvalidLineException("has a price of more than " + LIMIT + " dollars");
    }
    return rate;
  }

  private static CostRange range(String text) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      return CostRange.of(rate(text));
    }
    NanoUsd low = rate(text.substring(0, dots));
    NanoUsd high = rate(text.substring(dots + 2));
    if (low.compareTo(high) > 0) {
      throw new InvalidLineException("must have the lower price first in \"" + text + "\"");
    }
    return new CostRange(low, high);
  }

  private static Price.Hours hours(String text) {
    boolean form = text.length() == 11 && text.charAt(2) == ':' && text.charAt(8) == ':';
    if (form && text.charAt(5) == '-') {
      int from = minute(text.substring(0, 5));
      int to = minute(text.substring(6));
      if (from != to) {
        return new Price.Hours(from, to);
      }
    }
    throw new InvalidLineException("must have hours in UTC such as 16:30-00:30");
  }

  private static int minute(String text) {
    int hour = number(text.substring(0, 2));
    int minute = number(text.substring(3));
    if (hour > 23 || minute > 59) {
      throw new InvalidLineException("must have hours in UTC such as 16:30-00:30");
    }
    return hour * 60 + minute;
  }

  private static int number(String digits) {
    if (digits.isEmpty()) {
      throw new InvalidLineException("must have a whole number after \"above=\"");
    }
    int number = 0;
    for (int i = 0; i < digits.length(); i++) {
      char digit = digits.charAt(i);
      if (digit < '0' || digit > '9' || number > 100_000_000) {
        throw new InvalidLineException("must have a whole number, not \"" + digits + "\"");
      }
      number = number * 10 + digit - '0';
    }
    return number;
  }
}
