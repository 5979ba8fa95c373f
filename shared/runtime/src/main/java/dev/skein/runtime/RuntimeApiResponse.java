package dev.skein.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP response of the Runtime API.
 *
 * @param head the status line and the headers, each with its line end
 * @param reusable whether the connection can carry another request
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record RuntimeApiResponse(int status, String head, byte[] body, boolean reusable) {

  /** The status of a head that begins with an HTTP/1.1 status line. */
  static int status(String head) throws IOException {
    if (head.startsWith("HTTP/1.1 ") && head.length() >= 12) {
      int status = 0;
      for (int at = 9; at < 12; at++) {
        int digit = head.charAt(at) - '0';
        status = digit >= 0 && digit <= 9 ? status * 10 + digit : -1000;
      }
      if (status >= 100) {
        return status;
      }
    }
    throw new IOException("the Runtime API responded without an HTTP/1.1 status line");
  }

  /** A header's value, stripped, or null; names are case-insensitive. */
  @Nullable String header(String name) {
    return header(head, name);
  }

  static @Nullable String header(String head, String name) {
    int line = head.indexOf("\r\n") + 2;
    while (line < head.length()) {
      int end = head.indexOf("\r\n", line);
      int colon = line + name.length();
      if (colon < end
          && head.charAt(colon) == ':'
          && head.regionMatches(true, line, name, 0, name.length())) {
        return head.substring(colon + 1, end).strip();
      }
      line = end + 2;
    }
    return null;
  }
}
