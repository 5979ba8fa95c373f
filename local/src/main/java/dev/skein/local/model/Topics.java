package dev.skein.local.model;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The topics of a text: its most frequent meaningful words. */
final class Topics {
  private Topics() {}

  /** At most {@code most} words in lower case, by frequency and then in the order of the text. */
  static List<String> of(String text, int most) {
    Map<String, Integer> frequencies = Words.frequencies(text);
    var spelling = new LinkedHashMap<String, String>();
    Words.meaningful(text)
        .forEach(word -> spelling.putIfAbsent(Words.stem(word), Words.normal(word)));
    return spelling.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> -frequencies.getOrDefault(entry.getKey(), 0)))
        .limit(most)
        .map(Map.Entry::getValue)
        .toList();
  }
}
