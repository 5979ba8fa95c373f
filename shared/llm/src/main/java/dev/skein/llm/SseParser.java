package dev.skein.llm;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Parses server-sent events from bytes that arrive in any pieces. Comments, {@code id} and {@code
 * retry} are skipped, as are events without data, and an event without its blank line is discarded.
 * A line that cannot be a part of such a stream is an event by the name of {@code error}: so some
 * servers report a failure.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">HTML
 *     Standard, 9.2.5</a>
 */
final class SseParser {
  /** The name of an event that reports a failure. */
  static final String ERROR = "error";

  private static final Pattern FIELD_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  private final int maxEventBytes;
  private byte[] line = new byte[512];
  private int lineLength;
  private boolean firstLine = true;
  private boolean afterCarriageReturn;
  private String name = "";
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;

  /** A stream that has not begun, of events up to this size. */
  SseParser(int maxEventBytes) {
    this.maxEventBytes = maxEventBytes;
  }

  /**
   * One event.
   *
   * @param name empty for most
   */
  record Event(String name, String data) {}

  /**
   * Reads the next bytes.
   *
   * @return the events that they complete, in order
   * @throws CharacterCodingException when a line is not UTF-8
   * @throws TooLargeException when an event exceeds the limit
   */
  List<Event> read(ByteBuffer bytes) throws CharacterCodingException, TooLargeException {
    var events = new ArrayList<Event>();
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
    if (lineLength + data.length() >= maxEventBytes) {
      throw new TooLargeException(lineLength + data.length() + 1L, maxEventBytes);
    }
    if (lineLength == line.length) {
      line = Arrays.copyOf(line, 2 * lineLength);
    }
    line[lineLength++] = next;
  }

  private void endLine(List<Event> events) throws CharacterCodingException {
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
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    // A comment has an empty name.
    if (field.isEmpty() || FIELD_NAME.matcher(field).matches()) {
      field(field, value.startsWith(" ") ? value.substring(1) : value, events);
    } else {
      events.add(new Event(ERROR, text));
    }
  }

  private void field(String field, String value, List<Event> events) {
    switch (field) {
      case "event" -> name = value;
      case "data" -> {
        data.append(hasData ? "\n" : "").append(value);
        hasData = true;
      }
      case ERROR -> events.add(new Event(ERROR, value));
      default -> {
        // As the standard has it.
      }
    }
  }

  private void dispatch(List<Event> events) {
    if (hasData) {
      events.add(new Event(name, data.toString()));
      data.setLength(0);
      hasData = false;
    }
    name = "";
  }

  /** An event exceeds the limit. */
  static final class TooLargeException extends Exception {
    private static final long serialVersionUID = 1;

    private final long size;
    private final long limit;

    private TooLargeException(long size, long limit) {
      super(null, null, false, false);
      this.size = size;
      this.limit = limit;
    }

    /** The bytes of the event so far. */
    long size() {
      return size;
    }

    long limit() {
      return limit;
    }
  }
}
