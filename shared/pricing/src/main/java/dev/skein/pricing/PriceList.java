package dev.skein.pricing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The prices of one provider as text, in lines of which only those of the models that are asked for
 * are read:
 *
 * <pre>
 * model gpt-4o-mini gpt-4o-mini-2024-07-18
 * price input=0.15 cached=0.075 output=0.6
 * price tier=priority from=2026-10-12 input=0.25 cached=0.125 output=1
 * retires 2027-01-14 gpt-4o-mini gpt-4o-mini-2024-07-18
 * </pre>
 *
 * @param text lines that end with a line feed, in lower case
 */
record PriceList(String text) {
  private static final String MODEL = "model ";
  private static final String PRICE = "price ";
  private static final String RETIRES = "retires ";

  /** How a line names a model. */
  private enum Match {
    NONE,
    PATTERN,
    EXACT
  }

  /** The prices of a model; empty if the list does not have it. */
  Optional<List<Price>> prices(String model) {
    int line = find(MODEL, 0, model);
    return line < 0 ? Optional.empty() : Optional.of(pricesAfter(line));
  }

  /** The first day on which a model is no longer served; empty if none is known. */
  Optional<LocalDate> retirement(String model) {
    int line = find(RETIRES, 1, model);
    return line < 0
        ? Optional.empty()
        : Optional.of(PriceLine.date(words(line + RETIRES.length(), endOfLine(line)).getFirst()));
  }

  /** The start of the line that has the model's name, or else of the first that matches it. */
  private int find(String keyword, int skippedWords, String model) {
    int matching = -1;
    for (int start = 0; start < text.length(); start = endOfLine(start) + 1) {
      if (text.startsWith(keyword, start)) {
        switch (match(start + keyword.length(), endOfLine(start), skippedWords, model)) {
          case EXACT -> {
            return start;
          }
          case PATTERN -> matching = matching < 0 ? start : matching;
          case NONE -> {}
        }
      }
    }
    return matching;
  }

  private Match match(int start, int end, int skippedWords, String model) {
    Match match = Match.NONE;
    int wordEnd;
    int index = 0;
    for (int word = start; word < end; word = wordEnd + 1) {
      wordEnd = endOfWord(text, word, end);
      if (index++ >= skippedWords) {
        if (wordEnd - word == model.length() && text.startsWith(model, word)) {
          return Match.EXACT;
        }
        if (ModelName.isPattern(text, word, wordEnd)
            && ModelName.matches(text, word, wordEnd, model)) {
          match = Match.PATTERN;
        }
      }
    }
    return match;
  }

  private List<Price> pricesAfter(int line) {
    var prices = new ArrayList<Price>();
    for (int start = endOfLine(line) + 1;
        start < text.length() && !text.startsWith(MODEL, start);
        start = endOfLine(start) + 1) {
      if (text.startsWith(PRICE, start)) {
        prices.add(PriceLine.read(words(start + PRICE.length(), endOfLine(start))));
      }
    }
    return List.copyOf(prices);
  }

  private int endOfLine(int start) {
    int end = text.indexOf('\n', start);
    return end < 0 ? text.length() : end;
  }

  private List<String> words(int start, int end) {
    return words(text, start, end);
  }

  /** The words of a part of a text, which are separated by spaces. */
  static List<String> words(String text, int start, int end) {
    var words = new ArrayList<String>();
    int next;
    for (int word = start; word < end; word = next + 1) {
      next = endOfWord(text, word, end);
      if (next > word) {
        words.add(text.substring(word, next));
      }
    }
    return words;
  }

  private static int endOfWord(String text, int start, int end) {
    int space = text.indexOf(' ', start);
    return space < 0 || space > end ? end : space;
  }
}
