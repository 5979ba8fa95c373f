package dev.skein.local.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The task in a system prompt. The stand-in knows the prompts of Skein's own functions; to any
 * other prompt it replies that it is a stand-in, or with the text that the user's message has
 * between {@code <reply>} and {@code </reply>}.
 */
enum OfflineTask {
  SENTIMENT,
  TOPICS,
  SUMMARY,
  HEADLINE,
  CHAT;

  private static final int EXTRACT = 80;
  private static final Pattern REPLY = Pattern.compile("(?s)<reply>(.*?)</reply>");

  /** The first task all of whose phrases are in the system prompt, ignoring case. */
  static OfflineTask of(String system) {
    String prompt = system.toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(task -> task.phrases().stream().allMatch(prompt::contains))
        .findFirst()
        .orElse(CHAT);
  }

  private List<String> phrases() {
    return switch (this) {
      case SENTIMENT -> List.of("sentiment", "(one word)");
      case TOPICS -> List.of("list 3 topics", "(comma-separated)");
      case SUMMARY -> List.of("summar", "in one sentence");
      case HEADLINE -> List.of("summar", "in 5 words");
      case CHAT -> List.of();
    };
  }

  String answer(String text) {
    return switch (this) {
      case SENTIMENT -> LexiconSentiment.of(text);
      case TOPICS -> orNothing(String.join(", ", Topics.of(text, 3)));
      case SUMMARY -> orNothing(ExtractiveSummary.sentence(text));
      case HEADLINE -> orNothing(ExtractiveSummary.words(text, 5));
      case CHAT -> dictated(text).orElseGet(() -> introduction(text));
    };
  }

  /** The reply that the text dictates between {@code <reply>} and {@code </reply>}. */
  private static Optional<String> dictated(String text) {
    Matcher reply = REPLY.matcher(text);
    return reply.find() ? Optional.of(reply.group(1).strip()) : Optional.empty();
  }

  private static String orNothing(String answer) {
    return answer.isEmpty() ? "none" : answer;
  }

  private static String introduction(String message) {
    return """
    This is Skein's offline stand-in, not a language model. You wrote: "%s" \
    For real answers set OPENAI_API_KEY, or OPENAI_BASE_URL to a server such as Ollama, \
    llama.cpp or vLLM, and start again.\
    """
        .formatted(extract(message));
  }

  private static String extract(String message) {
    String line = message.strip().replaceAll("\\s+", " ");
    if (line.codePointCount(0, line.length()) <= EXTRACT) {
      return line;
    }
    return line.substring(0, line.offsetByCodePoints(0, EXTRACT)).strip() + "…";
  }
}
