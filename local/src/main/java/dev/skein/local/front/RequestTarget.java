package dev.skein.local.front;

import java.net.ProtocolException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The target of a request, decoded.
 *
 * @param path for example {@code /v1/models}
 * @param query the parameters' values, in order
 */
record RequestTarget(String path, Map<String, List<String>> query) {

  /** The path and the query; a proxy's client sends them behind the server's address. */
  private static final Pattern FORM =
      Pattern.compile("(?:(?i:https?)://[^/?]*)?((?:/[!-~&&[^?#]]*)?)(?:\\?([!-~&&[^#]]*))?");

  /**
   * Parses a request target.
   *
   * @throws ProtocolException if it is malformed
   */
  static RequestTarget parse(String target) throws ProtocolException {
    Matcher form = FORM.matcher(target);
    if (!form.matches()) {
      throw new ProtocolException("a malformed path");
    }
    try {
      String path = form.group(1).isEmpty() ? "/" : form.group(1);
      String query = form.group(2) == null ? "" : form.group(2);
      // In a path, a plus sign is no space.
      return new RequestTarget(decoded(path.replace("+", "%2B")), query(query));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("a malformed percent-encoding");
    }
  }

  private static Map<String, List<String>> query(String query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.computeIfAbsent(decoded(name), _ -> new ArrayList<>()).add(decoded(value));
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
