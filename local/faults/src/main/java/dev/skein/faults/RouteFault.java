package dev.skein.faults;

import static dev.skein.faults.FaultCatalogue.PROSE;
import static dev.skein.faults.ScriptedReply.json;

import dev.skein.faults.Chunks.Ending;
import dev.skein.faults.Fault.Wire;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A way in which a provider fails on a route other than chat completions.
 *
 * @param path the route's
 * @param name unique, with words joined by hyphens
 * @param wire the kind of reply in which it occurs, whole or a stream
 * @param reply the server's reply to every attempt
 */
public record RouteFault(String path, String name, Wire wire, ScriptedReply reply) {
  /** All of them. The requests for embeddings have two inputs. */
  public static List<RouteFault> all() {
    return Stream.of(completions(), streams(), embeddings()).flatMap(List::stream).toList();
  }

  private static List<RouteFault> completions() {
    return List.of(
        completion("text-503", ScriptedReply.error(503, "overloaded", "overloaded")),
        completion(
            "text-of-a-chat-model",
            json(
                404,
                problem(
                    "This is a chat model and not supported in the v1/completions endpoint.",
                    "null"))),
        completion("text-cut", ScriptedReply.cut(ScriptedReply.text(PROSE), 30)),
        completion("text-without-finish-reason", json(200, choice("\"text\":\"" + PROSE + "\"}"))),
        completion(
            "text-as-a-message",
            json(
                200,
                choice("\"message\":{\"content\":\"" + PROSE + "\"},\"finish_reason\":\"stop\"}"))),
        completion("text-error-behind-200", json(200, problem(PROSE, "null"))),
        completion("text-error-503-behind-200", json(200, problem(PROSE, "503"))),
        completion("text-html", ScriptedReply.html()),
        completion(
            "text-other-content-type",
            plain(choice("\"text\":\"x\",\"finish_reason\":\"stop\"}"))));
  }

  private static List<RouteFault> streams() {
    var legacy = ScriptedReply.stream(PROSE, "x").legacy();
    return List.of(
        stream("text-stream-503", ScriptedReply.error(503, "overloaded", "overloaded")),
        stream("text-stream-cut", legacy.first(2).ending(Ending.CLOSED)),
        stream("text-stream-reset", legacy.first(2).ending(Ending.RESET)),
        stream("text-stream-ends-early", legacy.first(3)),
        stream("text-stream-error", legacy.first(2).inserted(2, "data: " + problem(PROSE, "503"))),
        stream(
            "text-stream-error-first",
            legacy.first(0).inserted(0, "data: " + problem(PROSE, "503"))),
        stream("text-stream-without-done", legacy.without(Chunks.DONE)),
        stream("text-stream-of-a-chat", ScriptedReply.stream(PROSE, "x")),
        stream(
            "text-stream-as-a-whole",
            json(200, choice("\"text\":\"x\",\"finish_reason\":\"stop\"}"))));
  }

  private static List<RouteFault> embeddings() {
    return List.of(
        embeddings("vectors-503", ScriptedReply.error(503, "overloaded", "overloaded")),
        embeddings(
            "vectors-not-supported-501",
            json(
                501,
                "{\"error\":{\"code\":501,\"message\":\"%s\",\"type\":\"not_supported_error\"}}"
                    .formatted(PROSE))),
        embeddings("vectors-cut", ScriptedReply.cut(ScriptedReply.text(PROSE), 30)),
        embeddings("vectors-missing", json(200, vectors("[0.6]"))),
        embeddings("vectors-null", json(200, vectors("[0.6]", "null"))),
        embeddings("vectors-empty", json(200, vectors("[0.6]", "[]"))),
        embeddings("vectors-too-many", json(200, vectors("[1]", "[1]", "[1]"))),
        embeddings("vectors-without-data", json(200, "{\"object\":\"list\"}")),
        embeddings("vectors-error-behind-200", json(200, problem(PROSE, "null"))),
        embeddings("vectors-html", ScriptedReply.html()),
        embeddings("vectors-other-content-type", plain(vectors("[1]", "\"AACAPw==\""))));
  }

  private static RouteFault completion(String name, ScriptedReply reply) {
    return new RouteFault(ModelRequest.COMPLETIONS, name, Wire.WHOLE, reply);
  }

  private static RouteFault stream(String name, ScriptedReply reply) {
    return new RouteFault(ModelRequest.COMPLETIONS, name, Wire.STREAM, reply);
  }

  private static RouteFault embeddings(String name, ScriptedReply reply) {
    return new RouteFault(ModelRequest.EMBEDDINGS, name, Wire.WHOLE, reply);
  }

  private static String problem(String message, String code) {
    return "{\"error\":{\"message\":\"%s\",\"type\":\"server_error\",\"code\":%s}}"
        .formatted(message, code);
  }

  private static String choice(String members) {
    return "{\"object\":\"text_completion\",\"choices\":[{" + members + "]}";
  }

  private static String vectors(String... vectors) {
    return "{\"data\":[{\"embedding\":" + String.join("},{\"embedding\":", vectors) + "}]}";
  }

  private static ScriptedReply plain(String body) {
    return ScriptedReply.status(200, Map.of("Content-Type", "text/plain"), body);
  }

  /** The name, which tests display. */
  @Override
  public String toString() {
    return name;
  }
}
