package dev.skein.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * One spelling for each JSON value, so that equal values have equal hashes: members sorted by name
 * in UTF-16 order, no white space, strings in ASCII as {@link dev.skein.base.Json} writes them, and
 * numbers in plain decimal notation without trailing zeros.
 *
 * <p>Numbers are the difference from RFC 8785, which writes them as doubles: the table keeps 38
 * digits, and keeps a number's value but not its spelling.
 */
public final class CanonicalJson {
  /** The table holds 1E-130 to 9.9…E+125. Beyond it a plain number could fill the memory. */
  private static final int MAX_PLAIN_SCALE = 200;

  private static final int LAST_CONTROL = 0x1f;
  private static final int LAST_ASCII = 0x7f;
  private static final HexFormat UPPER_CASE = HexFormat.of().withUpperCase();

  private CanonicalJson() {}

  /** The canonical form, in ASCII. */
  public static String write(JsonNode value) {
    var text = new StringBuilder();
    write(value, text);
    return text.toString();
  }

  /** The SHA-256 of a text's UTF-8 bytes: 64 lower-case hex digits. */
  static String sha256(String text) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void write(JsonNode value, StringBuilder to) {
    switch (value.getNodeType()) {
      case OBJECT -> writeObject(value, to);
      case ARRAY -> writeArray(value, to);
      case STRING -> writeString(value.textValue(), to);
      case NUMBER -> to.append(number(value.decimalValue()));
      case BOOLEAN -> to.append(value.booleanValue());
      case NULL -> to.append("null");
      case BINARY, MISSING, POJO ->
          throw new IllegalArgumentException("not JSON: " + value.getNodeType());
    }
  }

  private static void writeObject(JsonNode object, StringBuilder to) {
    var members = new TreeMap<String, JsonNode>();
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      members.put(member.getKey(), member.getValue());
    }
    char before = '{';
    for (var member : members.entrySet()) {
      to.append(before);
      writeString(member.getKey(), to);
      to.append(':');
      write(member.getValue(), to);
      before = ',';
    }
    to.append(members.isEmpty() ? "{}" : "}");
  }

  private static void writeArray(JsonNode array, StringBuilder to) {
    char before = '[';
    for (JsonNode element : array) {
      to.append(before);
      write(element, to);
      before = ',';
    }
    to.append(array.isEmpty() ? "[]" : "]");
  }

  private static String number(BigDecimal number) {
    var stripped = number.stripTrailingZeros();
    return Math.abs(stripped.scale()) <= MAX_PLAIN_SCALE
        ? stripped.toPlainString()
        : stripped.toString();
  }

  private static void writeString(String text, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      writeCharacter(text.charAt(i), to);
    }
    to.append('"');
  }

  private static void writeCharacter(char c, StringBuilder to) {
    switch (c) {
      case '"', '\\' -> to.append('\\').append(c);
      case '\b' -> to.append("\\b");
      case '\t' -> to.append("\\t");
      case '\n' -> to.append("\\n");
      case '\f' -> to.append("\\f");
      case '\r' -> to.append("\\r");
      default -> {
        if (c > LAST_CONTROL && c <= LAST_ASCII) {
          to.append(c);
        } else {
          to.append("\\u").append(UPPER_CASE.toHexDigits(c));
        }
      }
    }
  }
}
