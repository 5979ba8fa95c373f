package dev.skein.faults;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the server does with one request. A {@link Whole} reply is a proper HTTP response, which can
 * be cut, slowed and reframed; any other reply is a list of {@link Step}s.
 */
public sealed interface ScriptedReply permits ScriptedReply.Whole, ScriptedReply.Played, Chunks {

  /** The steps that reply to this request. */
  List<Step> steps(ModelRequest request);

  /** A reply that is one HTTP response, sent at once unless it is modified. */
  sealed interface Whole extends ScriptedReply permits ScriptedResponse, ScriptedCompletion {

    ScriptedResponse response(ModelRequest request);

    @Override
    default List<Step> steps(ModelRequest request) {
      return response(request).steps();
    }
  }

  /** A reply that is made of steps. */
  record Played(Function<ModelRequest, List<Step>> script) implements ScriptedReply {

    @Override
    public List<Step> steps(ModelRequest request) {
      return script.apply(request);
    }
  }

  /** Any steps, for a reply that has no name here. */
  static ScriptedReply of(Step... steps) {
    List<Step> fixed = List.of(steps);
    return new Played(request -> fixed);
  }

  /** This reply after a delay in real time; {@link #held} is faster and exact. */
  default ScriptedReply after(Duration delay) {
    return preceded(new Step.Pause(delay));
  }

  /** This reply once the latch is open. */
  default ScriptedReply held(CountDownLatch latch) {
    return preceded(new Step.Await(latch));
  }

  private ScriptedReply preceded(Step first) {
    return new Played(request -> Stream.concat(Stream.of(first), steps(request).stream()).toList());
  }

  /** A completion with this text. */
  static ScriptedCompletion text(String text) {
    return ScriptedCompletion.of(text);
  }

  /** A stream with these tokens. */
  static Chunks stream(String... tokens) {
    return Chunks.of(tokens);
  }

  /** A JSON response; the body is sent as it is, and may be malformed. */
  static ScriptedResponse json(int status, String body) {
    return new ScriptedResponse(status, Map.of(), body);
  }

  /** A response without a body. */
  static ScriptedResponse status(int status) {
    return json(status, "");
  }

  static ScriptedResponse status(int status, Map<String, String> headers, String body) {
    return new ScriptedResponse(status, headers, body);
  }

  /** An error object as the OpenAI API sends it. */
  static ScriptedResponse error(int status, String type, String code) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("error")
        .put("message", "scripted " + type)
        .put("type", type)
        .putNull("param")
        .put("code", code);
    return json(status, root.toString());
  }

  /** A 200 with a web page, as a proxy or a captive portal sends it. */
  static ScriptedResponse html() {
    return status(
        200, Map.of("Content-Type", "text/html; charset=utf-8"), "<html><p>Sign in</p></html>");
  }

  /** No response: the connection stays open until the client closes it. */
  static ScriptedReply hang() {
    return of(new Step.Hang());
  }

  /** The connection is reset before any byte. */
  static ScriptedReply reset() {
    return of(new Step.Reset());
  }

  /** The connection is closed (FIN) before any byte. */
  static ScriptedReply closeWithoutByte() {
    return of(new Step.Close());
  }

  /** Exactly these bytes, then a close. */
  static ScriptedReply raw(byte[] bytes) {
    return of(new Step.Send(bytes.clone()), new Step.Close());
  }

  /** Declares the whole length, sends this much of the body, and closes. */
  static ScriptedReply cut(Whole reply, int bodyBytes) {
    return changed(reply, it -> begun(it.headWithLength(), it.start(bodyBytes), new Step.Close()));
  }

  /** Declares the whole length, sends this much of the body, and then nothing more. */
  static ScriptedReply stall(Whole reply, int bodyBytes) {
    return changed(reply, it -> begun(it.headWithLength(), it.start(bodyBytes), new Step.Hang()));
  }

  /** Declares no length, so that the close ends the body: after this much of it. */
  static ScriptedReply cutCloseDelimited(Whole reply, int bodyBytes) {
    return changed(
        reply, it -> begun(it.head("Connection: close"), it.start(bodyBytes), new Step.Close()));
  }

  /** Sends the head at once and each byte of the body after a pause in real time. */
  static ScriptedReply slowBody(Whole reply, Duration perByte) {
    return changed(reply, it -> begun(it.headWithLength(), Step.slowly(it.bodyBytes(), perByte)));
  }

  /** Sends the body in HTTP chunks of this size. */
  static ScriptedReply chunked(Whole reply, int chunkBytes) {
    return changed(
        reply,
        it ->
            Stream.of(
                    List.of(Step.send(it.head("Transfer-Encoding: chunked"))),
                    Step.chunks(it.bodyBytes(), chunkBytes, Duration.ZERO),
                    List.of(Step.send("0\r\n\r\n")))
                .flatMap(List::stream)
                .toList());
  }

  private static List<Step> begun(String head, Step... rest) {
    return begun(head, Arrays.asList(rest));
  }

  private static List<Step> begun(String head, List<Step> rest) {
    return Stream.concat(Stream.of(Step.send(head)), rest.stream()).toList();
  }

  private static ScriptedReply changed(Whole reply, Function<ScriptedResponse, List<Step>> steps) {
    return new Played(request -> steps.apply(reply.response(request)));
  }

  /** A 200 whose body never ends. */
  static ScriptedReply endlessBody() {
    byte[] spaces = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
    return of(Step.send(status(200).head("Connection: close")), new Step.SendForever(spaces));
  }
}
