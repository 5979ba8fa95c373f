package dev.skein.local.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A short text for a regular expression: the first alternative of each group, the first character
 * of each class, and as few repetitions as are allowed. Lookarounds and back-references are not
 * understood, so that the caller has to check whether the text matches.
 */
final class PatternSample {
  private static final int MAX_LENGTH = 200;

  private final String pattern;

  /** How often a part without an upper bound is repeated beyond its lower bound. */
  private final int extra;

  private int at;

  private PatternSample(String pattern, int extra) {
    this.pattern = pattern;
    this.extra = extra;
  }

  /**
   * The text.
   *
   * @param extra how often a part without an upper bound is repeated beyond its lower bound
   */
  static String of(String pattern, int extra) {
    return new PatternSample(pattern, extra).alternatives();
  }

  /** Reads up to the end of the group or of the pattern. */
  private String alternatives() {
    String first = sequence();
    while (next('|')) {
      sequence();
    }
    return first;
  }

  private String sequence() {
    var text = new StringBuilder();
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      text.append(atom().repeat(repetitions()));
      text.setLength(Math.min(text.length(), MAX_LENGTH));
    }
    return text.toString();
  }

  private String atom() {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '^', '$' -> "";
      case '.' -> "a";
      case '(' -> group();
      case '[' -> characterClass();
      case '\\' -> escaped();
      default -> String.valueOf(c);
    };
  }

  private String group() {
    if (next('?')) {
      int end = pattern.startsWith("<", at) ? pattern.indexOf('>', at) : pattern.indexOf(':', at);
      at = end < 0 ? pattern.length() : end + 1;
    }
    String text = alternatives();
    next(')');
    return text;
  }

  private String escaped() {
    char c = at < pattern.length() ? pattern.charAt(at++) : '\\';
    return switch (c) {
      case 'd' -> "0";
      case 'w' -> "a";
      case 's' -> " ";
      case 'D', 'S' -> "a";
      case 'W' -> "-";
      case 'b', 'B' -> "";
      case 't' -> "\t";
      case 'n' -> "\n";
      default -> String.valueOf(c);
    };
  }

  /** The first character of the class, or of those that a negated class leaves. */
  private String characterClass() {
    boolean negated = next('^');
    List<String> members = new ArrayList<>();
    while (at < pattern.length() && (members.isEmpty() || pattern.charAt(at) != ']')) {
      members.add(next('\\') ? escaped() : String.valueOf(pattern.charAt(at++)));
    }
    next(']');
    if (!negated) {
      return members.getFirst();
    }
    String all = String.join("", members);
    return "aA0-_ ~"
        .chars()
        .filter(c -> all.indexOf(c) < 0)
        .mapToObj(Character::toString)
        .findFirst()
        .orElse("é");
  }

  private int repetitions() {
    int least = 1;
    if (next('*')) {
      least = extra;
    } else if (next('+')) {
      least = 1 + extra;
    } else if (next('?')) {
      least = 0;
    } else if (next('{')) {
      int end = Math.max(at, pattern.indexOf('}', at));
      String bounds = pattern.substring(at, end);
      at = end + 1;
      String[] limits = bounds.split(",", -1);
      least = number(limits[0], 0);
      int most = limits.length > 1 ? number(limits[1], Integer.MAX_VALUE) : least;
      least = Math.clamp((long) least + extra, Math.min(least, most), most);
    }
    boolean _ = next('?') || next('+'); // lazy or possessive
    return Math.min(least, MAX_LENGTH);
  }

  private static int number(String digits, int otherwise) {
    return digits.matches("\\d{1,4}") ? Integer.parseInt(digits) : otherwise;
  }

  private boolean next(char c) {
    boolean found = at < pattern.length() && pattern.charAt(at) == c;
    if (found) {
      at++;
    }
    return found;
  }
}
