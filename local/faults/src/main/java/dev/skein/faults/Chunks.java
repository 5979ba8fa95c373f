package dev.skein.faults;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A 200 with a stream of chat completion chunks as server-sent events, and the ways in which it
 * fails. A complete one has a chunk with the role, one for each token, one with the {@code
 * finish_reason}, one with the usage when it was asked for, and {@code [DONE]}.
 *
 * @param events the lines of each event, without the blank line that ends it
 * @param usage what it reports if the request asks for it
 * @param lineEnd LF, CR or CRLF
 * @param pieceBytes of each HTTP chunk, which is one write
 * @param pause in real time, before each HTTP chunk
 * @param ending how it ends
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

  private static final Pattern CONTENT =
      Pattern.compile(
          "\"delta\":\\{(?:\"role\":\"assistant\",)?\"content\":(\"(?:[^\"\\\\]|\\\\.)*\")}");

  /** How a stream stops. */
  public enum Ending {
    /** Completely: with the last HTTP chunk; the connection stays open. */
    WHOLE,
    /** The connection is closed without the last HTTP chunk. */
    CLOSED,
    /** The connection is aborted. */
    RESET,
    /** Nothing more is sent, and the connection stays open. */
    OPEN,
    /** The last event is repeated forever. */
    ENDLESS
  }

  public Chunks {
    events = List.copyOf(events);
  }

  static Chunks of(String... tokens) {
    var events = new ArrayList<String>();
    events.add(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
    for (String token : tokens) {
      events.add(
          chunk(JsonNodeFactory.instance.objectNode().put("content", token).toString(), "null"));
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

  /** One event with one chunk. */
  static String chunk(String delta, String finishReason) {
    return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}"
        .formatted(delta, finishReason);
  }

  /** As a stream of legacy completions, which have a text in place of a delta. */
  public Chunks legacy() {
    return events(
        events.stream()
            .map(event -> CONTENT.matcher(event).replaceAll("\"text\":$1"))
            .map(event -> event.replace("\"delta\":{}", "\"text\":\"\""))
            .map(event -> event.replace("chat.completion.chunk", "text_completion"))
            .toList());
  }

  /** Without the events that contain this text. */
  public Chunks without(String text) {
    return events(events.stream().filter(event -> !event.contains(text)).toList());
  }

  /** With every occurrence of this text replaced. */
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

  public Chunks usage(Optional<ScriptedCompletion.Usage> other) {
    return new Chunks(events, other, lineEnd, pieceBytes, pause, ending);
  }

  public Chunks ending(Ending other) {
    return new Chunks(events, usage, lineEnd, pieceBytes, pause, other);
  }

  @Override
  public List<Step> steps(ModelRequest request) {
    var sent = new ArrayList<>(events);
    boolean usageAsked = request.json().at("/stream_options/include_usage").asBoolean();
    if (usageAsked && usage.isPresent() && sent.contains(DONE)) {
      sent.add(sent.indexOf(DONE), "data: " + ScriptedCompletion.usageChunk(usage.get()));
    }
    var head = ScriptedReply.status(200, Map.of("Content-Type", "text/event-stream"), "");
    var steps = new ArrayList<Step>();
    steps.add(Step.send(head.head("Transfer-Encoding: chunked")));
    steps.addAll(Step.chunks(bytes(sent), pieceBytes, pause));
    steps.addAll(
        switch (ending) {
          case WHOLE -> List.of(Step.send("0\r\n\r\n"));
          case CLOSED -> List.of(new Step.Close());
          case RESET -> List.of(new Step.Pause(Duration.ofMillis(50)), new Step.Reset());
          case OPEN -> List.of(new Step.Hang());
          case ENDLESS -> List.of(new Step.SendForever(lastEvent()));
        });
    return steps;
  }

  private byte[] lastEvent() {
    byte[] event = bytes(List.of(events.getLast()));
    return Step.chunk(event, 0, event.length);
  }

  private byte[] bytes(List<String> sent) {
    String text = sent.stream().map(event -> event + "\n\n").collect(joining());
    return text.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
  }
}
