package dev.skein.local.model;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Summarizes a text by its sentence with the most frequent words. */
final class ExtractiveSummary {
  /** In tokens; longer sentences are chosen only if all are longer. */
  private static final int MAX_LENGTH = 40;

  private ExtractiveSummary() {}

  /** The best sentence, or an empty string if the text is blank. */
  static String sentence(String text) {
    Map<String, Integer> frequencies = Words.frequencies(text);
    List<String> sentences = sentences(text);
    List<String> fit = sentences.stream().filter(one -> Tokens.count(one) <= MAX_LENGTH).toList();
    return (fit.isEmpty() ? sentences : fit)
        .stream()
            .max(Comparator.comparingDouble(sentence -> score(sentence, frequencies)))
            .orElse("");
  }

  /** The {@code most} most frequent words of the best sentence, in its order. */
  static String words(String text, int most) {
    Map<String, Integer> frequencies = Words.frequencies(text);
    List<String> meaningful = Words.meaningful(sentence(text)).stream().distinct().toList();
    List<String> words = meaningful.isEmpty() ? Words.of(sentence(text)) : meaningful;
    Set<String> chosen =
        words.stream()
            .sorted(Comparator.comparingInt(word -> -frequencies.getOrDefault(Words.stem(word), 0)))
            .limit(most)
            .collect(Collectors.toSet());
    return words.stream().filter(chosen::contains).limit(most).collect(Collectors.joining(" "));
  }

  /** The square root keeps long sentences from winning only by their length. */
  private static double score(String sentence, Map<String, Integer> frequencies) {
    List<String> words = Words.meaningful(sentence);
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
