package dev.skein.pricing;

import java.math.BigInteger;
import java.util.Optional;

/**
 * An amount of US dollars, exact to the billionth. Never negative, at most 9,223,372,036.854775807
 * dollars.
 *
 * @param value the amount in billionths of a dollar, at least 0
 */
public record NanoUsd(long value) implements Comparable<NanoUsd> {
  /** No cost. An unknown cost is an absent amount, never this one. */
  public static final NanoUsd ZERO = new NanoUsd(0);

  private static final int DECIMALS = 9;
  private static final long DOLLAR = 1_000_000_000;
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);
  private static final BigInteger HALF_MILLION = BigInteger.valueOf(500_000);

  public NanoUsd {
    if (value < 0) {
      throw new IllegalArgumentException("an amount of dollars is not negative: " + value);
    }
  }

  /**
   * Reads digits with at most nine decimals, such as {@code 0.00012345}: what {@link #toString}
   * writes, with or without zeros at the end.
   *
   * @throws NumberFormatException for any other text, such as a sign or an exponent, and for an
   *     amount that is too large
   */
  public static NanoUsd parse(String text) {
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    String decimals = point < 0 ? "" : text.substring(point + 1);
    boolean complete = !whole.isEmpty() && (point < 0 || !decimals.isEmpty());
    if (!complete || decimals.length() > DECIMALS || !isDigits(whole) || !isDigits(decimals)) {
      throw new NumberFormatException("must be dollars with at most 9 decimals, such as 0.15");
    }
    long nanos = decimals.isEmpty() ? 0 : Long.parseLong(decimals);
    for (int missing = decimals.length(); missing < DECIMALS; missing++) {
      nanos *= 10;
    }
    try {
      return new NanoUsd(Math.addExact(Math.multiplyExact(Long.parseLong(whole), DOLLAR), nanos));
    } catch (ArithmeticException e) {
      throw new NumberFormatException("is more than 9,223,372,036 dollars");
    }
  }

  /**
   * The millionth part of a sum of products of tokens and prices per million tokens, rounded half
   * up to a billionth of a dollar; empty if it is too large for an amount.
   */
  static Optional<NanoUsd> millionth(BigInteger sum) {
    BigInteger nanos = sum.add(HALF_MILLION).divide(MILLION);
    return nanos.bitLength() < Long.SIZE
        ? Optional.of(new NanoUsd(nanos.longValue()))
        : Optional.empty();
  }

  /** This amount as a price per million tokens, times a number of tokens. */
  BigInteger times(long tokens) {
    return BigInteger.valueOf(value).multiply(BigInteger.valueOf(tokens));
  }

  /**
   * The sum.
   *
   * @throws ArithmeticException if it is too large
   */
  public NanoUsd plus(NanoUsd other) {
    return new NanoUsd(Math.addExact(value, other.value));
  }

  /** The larger amount. */
  public NanoUsd max(NanoUsd other) {
    return value >= other.value ? this : other;
  }

  @Override
  public int compareTo(NanoUsd other) {
    return Long.compare(value, other.value);
  }

  /** Decimal dollars without an exponent and without zeros at the end, such as {@code 0.00012}. */
  @Override
  public String toString() {
    long nanos = value % DOLLAR;
    if (nanos == 0) {
      return Long.toString(value / DOLLAR);
    }
    String padded = Long.toString(DOLLAR + nanos);
    int end = padded.length();
    while (padded.charAt(end - 1) == '0') {
      end--;
    }
    return value / DOLLAR + "." + padded.substring(1, end);
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
