package dev.skein.llm;

import dev.skein.base.Unicode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
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

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int INITIAL_BYTES = 512;

  /** A longer line's memory is released when it ends. */
  private static final int MAX_IDLE_BYTES = 64 * 1024;

  private final int maxEventBytes;
  private byte[] line = new byte[INITIAL_BYTES];
  private int lineLength;
  private boolean firstLine = true;
  private boolean afterCarriageReturn;
  private String name = "";
  private final List<String> data = new ArrayList<>();
  private int dataLength;

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

  /**
   * Ends the stream.
   *
   * @return the event that lacks its blank line, and the end of its last line, if there is one
   * @throws CharacterCodingException when its last line is not UTF-8
   */
  List<Event> rest() throws CharacterCodingException {
    var events = new ArrayList<Event>();
    if (lineLength > 0) {
      endLine(events);
    }
    dispatch(events);
    return events;
  }

  private void add(byte next) throws TooLargeException {
    if (lineLength + dataLength >= maxEventBytes) {
      throw new TooLargeException(lineLength + dataLength + 1L, maxEventBytes);
    }
    if (lineLength == line.length) {
      line = Arrays.copyOf(line, 2 * lineLength);
    }
    line[lineLength++] = next;
  }

  private void endLine(List<Event> events) throws CharacterCodingException {
    int start = firstLine && startsWithByteOrderMark() ? BYTE_ORDER_MARK.length : 0;
    firstLine = false;
    if (start == lineLength) {
      dispatch(events);
    } else {
      readLine(start, events);
    }
    lineLength = 0;
    if (line.length > MAX_IDLE_BYTES) {
      line = new byte[INITIAL_BYTES];
    }
  }

  private boolean startsWithByteOrderMark() {
    return lineLength >= BYTE_ORDER_MARK.length
        && Arrays.mismatch(line, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length;
  }

  private void readLine(int start, List<Event> events) throws CharacterCodingException {
    int colon = start;
    while (colon < lineLength && line[colon] != ':') {
      colon++;
    }
    String field = text(start, colon);
    // A comment has an empty name.
    if (field.isEmpty() || FIELD_NAME.matcher(field).matches()) {
      int value = Math.min(colon + 1, lineLength);
      boolean blank = value < lineLength && line[value] == ' ';
      field(field, text(blank ? value + 1 : value, lineLength), events);
    } else {
      events.add(new Event(ERROR, text(start, lineLength)));
    }
  }

  private String text(int from, int to) throws CharacterCodingException {
    return Unicode.decode(line, from, to - from);
  }

  private void field(String field, String value, List<Event> events) {
    switch (field) {
      case "event" -> name = value;
      case "data" -> {
        data.add(value);
        dataLength += value.length() + 1;
      }
      case ERROR -> events.add(new Event(ERROR, value));
      default -> {
        // As the standard has it.
      }
    }
  }

  private void dispatch(List<Event> events) {
    if (!data.isEmpty()) {
      events.add(new Event(name, data.size() == 1 ? data.getFirst() : String.join("\n", data)));
      data.clear();
      dataLength = 0;
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
