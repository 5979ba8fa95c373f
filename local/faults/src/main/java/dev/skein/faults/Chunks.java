package dev.skein.faults;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A 200 with a stream of chat completion chunks as server-sent events, and the ways in which one
 * goes wrong. Whole, it has a chunk with the role, one for each token, one with the {@code
 * finish_reason}, one with the usage when it was asked for, and {@code [DONE]}.
 *
 * @param events the lines of each event, without the blank line that ends it
 * @param usage what the stream says it cost, when it is asked
 * @param lineEnd LF, CR or CRLF
 * @param pieceBytes how many bytes each HTTP chunk has, each in a write of its own
 * @param pause real time before each piece
 * @param ending what becomes of the connection
 */
public record Chunks(
    List<String> events,
    Optional<ScriptedCompletion.Usage> usage,
    String lineEnd,
    int pieceBytes,
    Duration pause,
    Ending ending)
    implements ScriptedReply {

  static final String DONE = "data: [DONE]";

  /** How a stream stops. */
  public enum Ending {
    /** In due form: the last chunk, and the connection is kept. */
    WHOLE,
    /** The connection is closed without the last chunk. */
    CLOSED,
    /** The connection is aborted. */
    RESET,
    /** Nothing more comes, and the connection stays. */
    OPEN,
    /** The last event comes again and again. */
    ENDLESS
  }

  public Chunks {
    events = List.copyOf(events);
  }

  static Chunks of(String... tokens) {
    var events = new ArrayList<String>();
    events.add(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
    for (String token : tokens) {
      events.add(chunk(content(token), "null"));
    }
    events.add(chunk("{}", "\"stop\""));
    events.add(DONE);
    return new Chunks(
        events,
        Optional.of(new ScriptedCompletion.Usage(10, 5)),
        "\n",
        Integer.MAX_VALUE,
        Duration.ZERO,
        Ending.WHOLE);
  }

  static String content(String token) {
    ObjectNode delta = JsonNodeFactory.instance.objectNode();
    return delta.put("content", token).toString();
  }

  /** One event with one chunk. */
  static String chunk(String delta, String finishReason) {
    return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}"
        .formatted(delta, finishReason);
  }

  /** Without the events of this text. */
  public Chunks without(String text) {
    return events(events.stream().filter(event -> !event.contains(text)).toList());
  }

  /** With this text in the place of that one, wherever it stands. */
  public Chunks replaced(String text, String by) {
    return events(events.stream().map(event -> event.replace(text, by)).toList());
  }

  /** With these lines as one more event, before the event of this number. */
  public Chunks inserted(int before, String lines) {
    return events(
        Stream.of(events.subList(0, before), List.of(lines), events.subList(before, events.size()))
            .flatMap(List::stream)
            .toList());
  }

  /** The first events only. */
  public Chunks first(int count) {
    return events(events.subList(0, count));
  }

  private Chunks events(List<String> other) {
    return new Chunks(other, usage, lineEnd, pieceBytes, pause, ending);
  }

  public Chunks lineEnd(String end) {
    return new Chunks(events, usage, end, pieceBytes, pause, ending);
  }

  public Chunks pieces(int bytes, Duration before) {
    return new Chunks(events, usage, lineEnd, bytes, before, ending);
  }

  public Chunks usage(Optional<ScriptedCompletion.Usage> told) {
    return new Chunks(events, told, lineEnd, pieceBytes, pause, ending);
  }

  public Chunks ending(Ending other) {
    return new Chunks(events, usage, lineEnd, pieceBytes, pause, other);
  }

  @Override
  public List<Step> steps(ModelRequest request) {
    var steps = new ArrayList<Step>();
    var head = new ScriptedResponse(200, Map.of("Content-Type", "text/event-stream"), "");
    steps.add(new Step.Send(head.head("Transfer-Encoding: chunked")));
    var sent = new ArrayList<>(events);
    boolean costAsked = request.json().at("/stream_options/include_usage").asBoolean();
    if (costAsked && usage.isPresent() && sent.contains(DONE)) {
      sent.add(sent.indexOf(DONE), "data: " + ScriptedCompletion.costChunk(usage.get()));
    }
    byte[] body = bytes(String.join("", sent.stream().map(event -> event + "\n\n").toList()));
    for (int from = 0; from < body.length; ) {
      int to = (int) Math.min(body.length, (long) from + pieceBytes);
      if (pause.isPositive()) {
        steps.add(new Step.Pause(pause));
      }
      steps.add(new Step.Send(framed(Arrays.copyOfRange(body, from, to))));
      from = to;
    }
    steps.addAll(last());
    return steps;
  }

  private List<Step> last() {
    return switch (ending) {
      case WHOLE -> List.of(Step.send("0\r\n\r\n"));
      case CLOSED -> List.of(new Step.Close());
      case RESET -> List.of(new Step.Pause(Duration.ofMillis(50)), new Step.Reset());
      case OPEN -> List.of(new Step.Hang());
      case ENDLESS -> List.of(new Step.SendForever(framed(bytes(events.getLast() + "\n\n"))));
    };
  }

  private byte[] bytes(String text) {
    return text.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] framed(byte[] piece) {
    byte[] size = (Integer.toHexString(piece.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] framed = Arrays.copyOf(size, size.length + piece.length + 2);
    System.arraycopy(piece, 0, framed, size.length, piece.length);
    framed[framed.length - 2] = '\r';
    framed[framed.length - 1] = '\n';
    return framed;
  }
}
