package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An approximation of a model's tokens: each word, number and punctuation mark is one. */
final class Tokens {
  private static final Pattern TOKEN =
      Pattern.compile("[\\p{L}\\p{M}]+|\\p{N}+|[^\\s\\p{L}\\p{M}\\p{N}]");
  private static final Pattern PIECE =
      Pattern.compile("\\s*(?:" + TOKEN.pattern() + "|$)", Pattern.DOTALL);

  private Tokens() {}

  static int count(String text) {
    return (int) TOKEN.matcher(text).results().count();
  }

  /** The first {@code tokens} tokens of the text. */
  static String first(int tokens, String text) {
    Matcher matcher = TOKEN.matcher(text);
    int end = 0;
    for (int i = 0; i < tokens && matcher.find(); i++) {
      end = matcher.end();
    }
    return matcher.find() ? text.substring(0, end) : text;
  }

  /** The tokens of the text, each with the white space before it. */
  static List<String> pieces(String text) {
    return PIECE
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .filter(piece -> !piece.isEmpty())
        .toList();
  }

  /** The usage that a reply reports. */
  static ObjectNode usage(int promptTokens, int completionTokens) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }
}
