package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** An exact sum of US dollars, which is unknown until an amount is. Not thread-safe. */
final class DollarSum {
  /** A trillion dollars, with nine decimals. */
  private static final int MAX_LENGTH = 23;

  private @Nullable BigDecimal sum;

  /**
   * Adds an amount in a record's form, a string such as "0.00012345"; returns whether it is one.
   */
  boolean add(JsonNode amount) {
    String text = amount.isTextual() ? amount.textValue() : "";
    if (!isDecimal(text)) {
      return false;
    }
    add(new BigDecimal(text));
    return true;
  }

  /** Adds another sum. */
  void add(DollarSum other) {
    if (other.sum != null) {
      add(other.sum);
    }
  }

  private void add(BigDecimal amount) {
    sum = sum == null ? amount : sum.add(amount);
  }

  /** Without an exponent and without zeros at the end; null if no amount is known. */
  @Nullable String text() {
    return sum == null ? null : sum.stripTrailingZeros().toPlainString();
  }

  /** Digits, and among them at most one point: an exponent could make a sum of any size. */
  private static boolean isDecimal(String text) {
    int point = text.indexOf('.');
    for (int i = 0; i < text.length(); i++) {
      if (i != point && (text.charAt(i) < '0' || text.charAt(i) > '9')) {
        return false;
      }
    }
    return !text.isEmpty()
        && text.length() <= MAX_LENGTH
        && point != 0
        && point != text.length() - 1;
  }
}
