package dev.skein.api;

/**
 * Writes one event of a stream of server-sent events.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML Standard,
 *     9.2</a>
 */
public final class ServerSentEvent {
  private ServerSentEvent() {}

  /**
   * An event without a name.
   *
   * @param data any text; each of its lines is one of the event's
   */
  public static String of(String data) {
    boolean oneLine = data.indexOf('\n') < 0 && data.indexOf('\r') < 0;
    String lines = oneLine ? data : data.replaceAll("\\r\\n?|\\n", "\ndata: ");
    return "data: " + lines + "\n\n";
  }

  /**
   * An event with a name.
   *
   * @param name one word
   */
  public static String of(String name, String data) {
    return "event: " + name + "\n" + of(data);
  }
}
