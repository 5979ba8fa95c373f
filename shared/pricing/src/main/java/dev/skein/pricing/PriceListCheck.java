package dev.skein.pricing;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Checks every line of a provider's prices, of which a function otherwise reads only those that it
 * needs. A line that can never count is a mistake, too: its author would never hear of it.
 */
final class PriceListCheck {
  private final Map<String, Integer> models = new HashMap<>();
  private final Map<String, Integer> retiring = new HashMap<>();

  /** The lines of the current model's prices, by their conditions. */
  private final Map<Price, Integer> conditions = new HashMap<>();

  private int line;
  private int modelLine;

  private PriceListCheck(int firstLine) {
    this.line = firstLine - 1;
  }

  /**
   * Reads every line.
   *
   * @param text as in {@link PriceList}
   * @param firstLine the number of the first line in its file
   * @throws InvalidLineException with the number of the line that is not of this form
   */
  static void check(String text, int firstLine) {
    var check = new PriceListCheck(firstLine);
    try {
      text.lines().forEach(check::next);
      check.endModel();
    } catch (InvalidLineException e) {
      throw e.at(check.line);
    }
  }

  /** A field has one value, and those of a price have one more after each {@code above=}. */
  static void checkFields(List<String> words) {
    var seen = new HashSet<String>();
    boolean above = false;
    for (String word : words) {
      String field = word.substring(0, word.indexOf('=') + 1);
      switch (field) {
        case "above=" -> {
          above = true;
          seen.clear();
        }
        case "", "tier=", "from=", "hours=" -> {
          if (above && word.equals("unknown")) {
            throw new InvalidLineException("must have either prices or \"unknown\"");
          }
          if (above) {
            throw new InvalidLineException("must have \"" + word + "\" before \"above=\"");
          }
        }
        default -> {}
      }
      if (!field.isEmpty() && !seen.add(field)) {
        throw new InvalidLineException("must have \"" + field + "\" only once");
      }
    }
  }

  private void next(String text) {
    line++;
    List<String> words = PriceList.words(text, 0, text.length());
    if (words.isEmpty() || words.getFirst().startsWith("#")) {
      return;
    }
    List<String> rest = words.subList(1, words.size());
    switch (words.getFirst()) {
      case "model" -> model(rest);
      case "price" -> price(rest);
      case "retires" -> retires(rest);
      default ->
          throw new InvalidLineException(
              "must begin with provider, model, price, retires or #, not \""
                  + words.getFirst()
                  + "\"");
    }
  }

  private void model(List<String> names) {
    endModel();
    if (names.isEmpty()) {
      throw new InvalidLineException("must name a model");
    }
    names.forEach(this::checkIsReached);
    checkNames(names, models);
    modelLine = line;
  }

  /** Of several patterns that match a name, the first one counts. */
  private void checkIsReached(String name) {
    if (!ModelName.isPattern(name, 0, name.length())) {
      return;
    }
    models.forEach(
        (earlier, number) -> {
          if (earlier.endsWith("**")
              && !name.equals(earlier)
              && name.startsWith(earlier.substring(0, earlier.length() - 2))) {
            throw new InvalidLineException(
                "must come before line " + number + ", whose \"" + earlier + "\" matches first");
          }
        });
  }

  /** Without a price it would only hide the table's prices; "unknown" says so. */
  private void endModel() {
    if (modelLine > 0 && conditions.isEmpty()) {
      line = modelLine;
      throw new InvalidLineException("must be followed by a line \"price\"");
    }
    conditions.clear();
  }

  private void price(List<String> fields) {
    if (modelLine == 0) {
      throw new InvalidLineException("must follow a line \"model\"");
    }
    Price price = PriceLine.read(fields);
    checkFields(fields);
    if (price.tier().isEmpty()) {
      throw new InvalidLineException("must name a tier, such as tier=flex");
    }
    var condition = new Price(price.tier(), price.from(), price.hours(), List.of());
    Integer other = conditions.putIfAbsent(condition, line);
    if (other != null) {
      throw new InvalidLineException(
          "replaces line " + other + ", which has the same conditions; remove one of them");
    }
    conditions.forEach(
        (earlier, number) -> {
          if (!earlier.equals(condition) && condition.replaces(earlier)) {
            throw new InvalidLineException(
                "replaces line "
                    + number
                    + " at all times, as the last line that holds counts; move it above that line");
          }
        });
  }

  private void retires(List<String> words) {
    if (words.size() < 2) {
      throw new InvalidLineException("must have a date and the names of models");
    }
    PriceLine.date(words.getFirst());
    checkNames(words.subList(1, words.size()), retiring);
  }

  private void checkNames(List<String> names, Map<String, Integer> known) {
    for (String name : names) {
      ModelName.check(name);
      Integer other = known.putIfAbsent(name, line);
      if (other != null) {
        throw new InvalidLineException(
            "must not name \"" + name + "\", which line " + other + " names; remove one of them");
      }
    }
  }
}
