package dev.skein.local.model;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The sentiment of an English text by counting the words of two lists. */
final class LexiconSentiment {
  private static final Set<String> POSITIVE = Words.list("positive.txt");
  private static final Set<String> NEGATIVE = Words.list("negative.txt");
  private static final Set<String> NEGATIONS = Words.list("negations.txt");

  private static final Pattern CLAUSE_END = Pattern.compile("[.,;:!?\\n]+");

  /** How many words a negation inverts, within a clause: "not at all good" is negative. */
  private static final int REACH = 3;

  private LexiconSentiment() {}

  /** {@code positive}, {@code negative} or {@code neutral}. */
  static String of(String text) {
    int score = CLAUSE_END.splitAsStream(text).mapToInt(LexiconSentiment::score).sum();
    if (score == 0) {
      return "neutral";
    }
    return score > 0 ? "positive" : "negative";
  }

  private static int score(String clause) {
    List<String> words = Words.of(clause).stream().map(Words::normal).toList();
    int score = 0;
    for (int i = 0; i < words.size(); i++) {
      int value = value(words.get(i));
      List<String> before = words.subList(Math.max(0, i - REACH), i);
      score += before.stream().anyMatch(LexiconSentiment::negates) ? -value : value;
    }
    return score;
  }

  private static int value(String word) {
    if (POSITIVE.contains(word)) {
      return 1;
    }
    return NEGATIVE.contains(word) ? -1 : 0;
  }

  private static boolean negates(String word) {
    return NEGATIONS.contains(word) || word.endsWith("n't");
  }
}
