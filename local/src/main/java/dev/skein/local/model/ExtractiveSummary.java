package dev.skein.local.model;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A summary that is taken from the text: the sentence whose words are the most frequent. */
final class ExtractiveSummary {
  /** Longer sentences are taken only when all are: a summary is short. */
  private static final int LONGEST = 40;

  private ExtractiveSummary() {}

  /** The best sentence, or an empty string when the text is blank. */
  static String sentence(String text) {
    Map<String, Integer> frequencies = Words.frequencies(text);
    List<String> sentences = sentences(text);
    List<String> fit = sentences.stream().filter(one -> Tokens.count(one) <= LONGEST).toList();
    return (fit.isEmpty() ? sentences : fit)
        .stream()
            .max(Comparator.comparingDouble(sentence -> score(sentence, frequencies)))
            .orElse("");
  }

  /** At most this many words of the best sentence, the most frequent, in its order. */
  static String words(String text, int most) {
    Map<String, Integer> frequencies = Words.frequencies(text);
    List<String> telling = Words.telling(sentence(text)).stream().distinct().toList();
    List<String> words = telling.isEmpty() ? Words.of(sentence(text)) : telling;
    Set<String> chosen =
        words.stream()
            .sorted(Comparator.comparingInt(word -> -frequencies.getOrDefault(Words.stem(word), 0)))
            .limit(most)
            .collect(Collectors.toSet());
    return words.stream().filter(chosen::contains).limit(most).collect(Collectors.joining(" "));
  }

  /** The square root keeps long sentences from winning by length alone. */
  private static double score(String sentence, Map<String, Integer> frequencies) {
    List<String> words = Words.telling(sentence);
    int sum = words.stream().mapToInt(word -> frequencies.getOrDefault(Words.stem(word), 0)).sum();
    return words.isEmpty() ? 0 : sum / Math.sqrt(words.size());
  }

  private static List<String> sentences(String text) {
    BreakIterator ends = BreakIterator.getSentenceInstance(Locale.ROOT);
    ends.setText(text);
    var sentences = new ArrayList<String>();
    int start = ends.first();
    for (int end = ends.next(); end != BreakIterator.DONE; end = ends.next()) {
      String sentence = text.substring(start, end).strip().replaceAll("\\s+", " ");
      if (!sentence.isEmpty()) {
        sentences.add(sentence);
      }
      start = end;
    }
    return sentences;
  }
}
