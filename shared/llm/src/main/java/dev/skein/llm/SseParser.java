package dev.skein.llm;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Parses server-sent events from bytes that arrive in any pieces. Only the data is used: comments
 * and other fields are skipped, and an event without its blank line is discarded.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">HTML
 *     Standard, 9.2.5</a>
 */
final class SseParser {
  private byte[] line = new byte[512];
  private int lineLength;
  private boolean firstLine = true;
  private boolean afterCarriageReturn;
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;

  /**
   * Reads the next bytes.
   *
   * @return the data of each event that they complete, in order
   * @throws CharacterCodingException when a line is not UTF-8
   * @throws TooLargeException when an event exceeds {@link LlmLimits#MAX_REPLY_BYTES}
   */
  List<String> read(ByteBuffer bytes) throws CharacterCodingException, TooLargeException {
    var events = new ArrayList<String>();
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      boolean secondHalf = next == '\n' && afterCarriageReturn;
      afterCarriageReturn = next == '\r';
      if (secondHalf) {
        continue;
      }
      if (next == '\n' || next == '\r') {
        endLine(events);
      } else {
        add(next);
      }
    }
    return events;
  }

  private void add(byte next) throws TooLargeException {
    if (lineLength + data.length() >= LlmLimits.MAX_REPLY_BYTES) {
      throw new TooLargeException();
    }
    if (lineLength == line.length) {
      line = Arrays.copyOf(line, 2 * lineLength);
    }
    line[lineLength++] = next;
  }

  private void endLine(List<String> events) throws CharacterCodingException {
    String text =
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, lineLength)).toString();
    lineLength = 0;
    if (firstLine && text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    firstLine = false;
    if (text.isEmpty()) {
      dispatch(events);
      return;
    }
    int colon = text.indexOf(':');
    if ((colon < 0 ? text : text.substring(0, colon)).equals("data")) {
      String value = colon < 0 ? "" : text.substring(colon + 1);
      data.append(hasData ? "\n" : "").append(value.startsWith(" ") ? value.substring(1) : value);
      hasData = true;
    }
  }

  private void dispatch(List<String> events) {
    if (hasData) {
      events.add(data.toString());
      data.setLength(0);
      hasData = false;
    }
  }

  /** An event exceeds {@link LlmLimits#MAX_REPLY_BYTES}. */
  static final class TooLargeException extends Exception {
    private static final long serialVersionUID = 1;

    private TooLargeException() {
      super(null, null, false, false);
    }
  }
}
