package dev.skein.functions.authorizer;

/**
 * The event of a {@code TOKEN} authorizer.
 *
 * @param token the value of the header; empty if the event has none
 * @param methodArn the ARN of the method that the caller requests; empty if the event has none
 */
record TokenEvent(String token, String methodArn) {
  private static final TokenEvent NONE = new TokenEvent("", "");

  /** Nothing that a caller sent is in an exception or a log. */
  @Override
  public String toString() {
    return "TokenEvent";
  }

  /**
   * Reads an event without a JSON library, whose classes would take most of a cold start. Ignores
   * other members; of repeated ones the last counts. Anything but a JSON object with strings of
   * these names is an event without either.
   */
  static TokenEvent read(String json) {
    try {
      return new Reader(json).object();
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      // It ended too early, or an escape is invalid. The message would contain a part of it.
      return NONE;
    }
  }

  /** A position in the text. Every method starts at a token and ends behind it. */
  private static final class Reader {
    private static final String WHITESPACE = " \t\r\n";
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String json;
    private int at;

    private Reader(String json) {
      this.json = json;
    }

    private TokenEvent object() {
      String token = "";
      String methodArn = "";
      char separator = next();
      if (separator != '{') {
        return NONE;
      }
      while (separator != '}') {
        if (next() != '"') {
          return NONE;
        }
        String name = string();
        if (next() != ':') {
          return NONE;
        }
        String value = value();
        token = name.equals("authorizationToken") ? value : token;
        methodArn = name.equals("methodArn") ? value : methodArn;
        separator = next();
      }
      return new TokenEvent(token, methodArn);
    }

    /** The next character that is not white space. */
    private char next() {
      while (WHITESPACE.indexOf(json.charAt(at)) >= 0) {
        at++;
      }
      return json.charAt(at++);
    }

    /** A string, or an empty text for any other value, which ends before a {@code ,} or a brace. */
    private String value() {
      char first = next();
      if (first == '"') {
        return string();
      }
      at--;
      int depth = 0;
      while (depth > 0 || ",}".indexOf(json.charAt(at)) < 0) {
        char c = json.charAt(at++);
        if (c == '"') {
          var _ = string();
        } else {
          depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        }
      }
      return "";
    }

    /** The rest of a string. */
    private String string() {
      var text = new StringBuilder();
      for (char c = json.charAt(at++); c != '"'; c = json.charAt(at++)) {
        text.append(c == '\\' ? escape() : c);
      }
      return text.toString();
    }

    private char escape() {
      char c = json.charAt(at++);
      if (c == 'u') {
        at += 4;
        return (char) Integer.parseInt(json, at - 4, at, 16);
      }
      return ESCAPED.charAt(ESCAPES.indexOf(c));
    }
  }
}
