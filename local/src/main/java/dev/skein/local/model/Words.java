package dev.skein.local.model;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The words of a text, and word lists from resources. */
final class Words {
  private static final Pattern WORD = Pattern.compile("\\p{L}[\\p{L}\\p{M}\\p{N}'’-]*");
  private static final Set<String> STOP_WORDS = list("stop-words.txt");

  private Words() {}

  /** Every word as it is written. */
  static List<String> of(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }

  /** Every word of at least three letters that is not a stop word. */
  static List<String> meaningful(String text) {
    return of(text).stream()
        .filter(word -> word.length() >= 3 && !STOP_WORDS.contains(normal(word)))
        .toList();
  }

  /** Lower case, with the plain apostrophe. */
  static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('’', '\'');
  }

  /** The word without the ending of an English plural or possessive. */
  static String stem(String word) {
    String stem = normal(word).replaceFirst("'s?$", "");
    boolean plural = stem.length() > 3 && stem.endsWith("s") && !stem.matches(".*(ss|us|is)");
    return plural ? stem.substring(0, stem.length() - 1) : stem;
  }

  /** How often each stem of a meaningful word occurs. */
  static Map<String, Integer> frequencies(String text) {
    var counts = new HashMap<String, Integer>();
    meaningful(text).forEach(word -> counts.merge(stem(word), 1, Integer::sum));
    return counts;
  }

  /** The words of a list: one or more a line, {@code #} starts a comment. */
  static Set<String> list(String resource) {
    try (InputStream in = Words.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the word list " + resource + " is missing from the build");
      }
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Pattern.compile("\\s+").splitAsStream(line))
          .filter(word -> !word.isEmpty())
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException("the word list " + resource + " is unreadable", e);
    }
  }
}
