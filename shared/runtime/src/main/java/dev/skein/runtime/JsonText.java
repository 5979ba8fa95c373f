package dev.skein.runtime;

import java.util.Map;

/** Writes one JSON object in ASCII: the subset of JSON that the Runtime API and the log need. */
final class JsonText {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder text;

  /** An empty object. */
  JsonText() {
    this(64);
  }

  /** An object that will be about {@code size} characters long. */
  JsonText(int size) {
    text = new StringBuilder(size).append('{');
  }

  JsonText put(String name, String value) {
    name(name);
    string(value);
    return this;
  }

  /** Adds a member whose value is already JSON. */
  JsonText putJson(String name, String json) {
    name(name);
    text.append(json);
    return this;
  }

  /** The finished object. */
  String end() {
    return text.append('}').toString();
  }

  /** An error for the Runtime API, without a stack trace: it could contain what a caller sent. */
  static String error(ErrorReport error) {
    return new JsonText()
        .put("errorMessage", error.message())
        .put("errorType", error.type())
        .putJson("stackTrace", "[]")
        .end();
  }

  /** A response's status and headers, to which members can be added. */
  static JsonText response(int status, Map<String, String> headers, int size) {
    var values = new JsonText();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      values.put(header.getKey(), header.getValue());
    }
    return new JsonText(size)
        .putJson("statusCode", Integer.toString(status))
        .putJson("headers", values.end());
  }

  private void name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    string(name);
    text.append(':');
  }

  private void string(String value) {
    text.append('"');
    for (int at = 0; at < value.length(); at++) {
      char c = value.charAt(at);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c == '\n') {
        text.append("\\n");
      } else if (c >= ' ' && c < 127) {
        text.append(c);
      } else {
        // A lone surrogate is not a character, and strict parsers reject it.
        escape(Character.isSurrogate(c) && !isPaired(value, at) ? '\ufffd' : c);
      }
    }
    text.append('"');
  }

  private void escape(char c) {
    text.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      text.append(HEX.charAt(c >> shift & 15));
    }
  }

  private static boolean isPaired(String value, int at) {
    return Character.isHighSurrogate(value.charAt(at))
        ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
  }
}
