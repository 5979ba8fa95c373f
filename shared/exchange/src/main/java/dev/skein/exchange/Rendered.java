package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import java.util.Map;

/** What a route makes of the outcomes of its model calls. */
public sealed interface Rendered {
  /** Of every streamed reply. */
  Map<String, String> STREAM_HEADERS =
      Map.of("Content-Type", "text/event-stream; charset=utf-8", "Cache-Control", "no-cache");

  /**
   * A 200.
   *
   * @param body the route's own fields; usage and ids are added to it
   */
  record Document(ObjectNode body) implements Rendered {}

  /** A 200 whose body is the provider's own reply, unmodified. */
  record Verbatim(String json) implements Rendered {}

  /** A 200 whose body is a stream of events, which leaves in one piece. */
  record Events(String text) implements Rendered {}

  /** An error. */
  record Failure(Problem problem) implements Rendered {}
}
