package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/** A text that fits a schema of type string: its format, its lengths and its pattern. */
final class SampleText {
  private static final int MAX_LENGTH = 100;

  private SampleText() {}

  static String of(JsonNode schema) {
    int least = Math.clamp(schema.path("minLength").asInt(), 0, MAX_LENGTH);
    int most = Math.max(0, schema.path("maxLength").asInt(Integer.MAX_VALUE));
    String text = ofLength(ofFormat(schema.path("format").asText()), least, most);
    return schema.path("pattern").isTextual()
        ? matching(schema.path("pattern").textValue(), text, least, most)
        : text;
  }

  private static String ofFormat(String format) {
    return switch (format) {
      case "date-time" -> "2026-01-01T00:00:00Z";
      case "date" -> "2026-01-01";
      case "time" -> "00:00:00Z";
      case "duration" -> "PT1S";
      case "email" -> "someone@example.com";
      case "hostname" -> "example.com";
      case "ipv4" -> "127.0.0.1";
      case "ipv6" -> "::1";
      case "uri" -> "https://example.com/";
      case "uuid" -> "00000000-0000-4000-8000-000000000000";
      default -> "text";
    };
  }

  private static String ofLength(String text, int least, int most) {
    String longer = text.repeat(1 + least / text.length());
    String fitting = least > text.length() ? longer.substring(0, least) : text;
    return fitting.substring(0, Math.min(fitting.length(), most));
  }

  /** The text if it matches, else one that is made for the pattern, if that can be done. */
  private static String matching(String regex, String text, int least, int most) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      return text; // written for another dialect
    }
    if (pattern.matcher(text).find()) {
      return text;
    }
    return IntStream.rangeClosed(0, MAX_LENGTH)
        .mapToObj(extra -> PatternSample.of(regex, extra))
        .filter(sample -> sample.length() >= least && sample.length() <= most)
        .filter(sample -> pattern.matcher(sample).find())
        .findFirst()
        .orElse(text);
  }
}
