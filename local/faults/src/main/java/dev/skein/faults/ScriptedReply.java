package dev.skein.faults;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * What the server does with one request. A {@link Whole} reply is a proper HTTP answer, and can be
 * cut, slowed and reframed; every other reply is a list of {@link Step}s.
 */
public sealed interface ScriptedReply permits ScriptedReply.Whole, ScriptedReply.Played, Chunks {

  /** The steps that answer this request. */
  List<Step> steps(ModelRequest request);

  /** A reply that is one HTTP answer, sent at once unless something is done to it. */
  sealed interface Whole extends ScriptedReply permits ScriptedResponse, ScriptedCompletion {

    ScriptedResponse answer(ModelRequest request);

    @Override
    default List<Step> steps(ModelRequest request) {
      return answer(request).framedByLength();
    }
  }

  /** A reply that is made of steps. */
  record Played(Function<ModelRequest, List<Step>> script) implements ScriptedReply {

    @Override
    public List<Step> steps(ModelRequest request) {
      return script.apply(request);
    }
  }

  /** Any steps, for what has no name here. */
  static ScriptedReply of(Step... steps) {
    List<Step> fixed = List.of(steps);
    return new Played(request -> fixed);
  }

  /** This reply after a real delay; sparingly, {@link #held} is faster and sure. */
  default ScriptedReply after(Duration delay) {
    return preceded(new Step.Pause(delay));
  }

  /** This reply once the latch is open. */
  default ScriptedReply held(CountDownLatch latch) {
    return preceded(new Step.Await(latch));
  }

  private ScriptedReply preceded(Step first) {
    return new Played(
        request -> {
          var steps = new ArrayList<Step>();
          steps.add(first);
          steps.addAll(steps(request));
          return steps;
        });
  }

  /** A completion with this text. */
  static ScriptedCompletion text(String text) {
    return ScriptedCompletion.of(text);
  }

  /** A stream with these tokens. */
  static Chunks stream(String... tokens) {
    return Chunks.of(tokens);
  }

  /** A JSON answer; the body is sent as it is, and may be broken. */
  static ScriptedResponse json(int status, String body) {
    return new ScriptedResponse(status, Map.of(), body);
  }

  /** An answer without a body. */
  static ScriptedResponse status(int status) {
    return new ScriptedResponse(status, Map.of(), "");
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

  /** No answer: the connection is held until the client closes it. */
  static ScriptedReply hang() {
    return of(new Step.Hang());
  }

  /** The connection is reset before any byte. */
  static ScriptedReply reset() {
    return of(new Step.Reset());
  }

  /** The connection is closed in good order before any byte. */
  static ScriptedReply closeWithoutByte() {
    return of(new Step.Close());
  }

  /** Exactly these bytes, then a close. */
  static ScriptedReply raw(byte[] bytes) {
    return of(new Step.Send(bytes.clone()), new Step.Close());
  }

  /** Declares the whole length, sends this much of the body, and closes. */
  static ScriptedReply cut(Whole reply, int bodyBytes) {
    return begun(reply, bodyBytes, new Step.Close());
  }

  /** Declares the whole length, sends this much of the body, and then nothing more. */
  static ScriptedReply stall(Whole reply, int bodyBytes) {
    return begun(reply, bodyBytes, new Step.Hang());
  }

  private static ScriptedReply begun(Whole reply, int bodyBytes, Step then) {
    return new Played(
        request -> {
          ScriptedResponse answer = reply.answer(request);
          byte[] start = answer.start(bodyBytes);
          return List.of(new Step.Send(answer.headWithLength()), new Step.Send(start), then);
        });
  }

  /** Declares no length, so that the close ends the body: after this much of it. */
  static ScriptedReply cutCloseDelimited(Whole reply, int bodyBytes) {
    return new Played(
        request -> {
          ScriptedResponse answer = reply.answer(request);
          byte[] start = answer.start(bodyBytes);
          byte[] head = answer.head("Connection: close");
          return List.of(new Step.Send(head), new Step.Send(start), new Step.Close());
        });
  }

  /** Sends the head at once and each byte of the body after a real delay. */
  static ScriptedReply slowBody(Whole reply, Duration perByte) {
    return new Played(
        request -> {
          ScriptedResponse answer = reply.answer(request);
          var steps = new ArrayList<Step>();
          steps.add(new Step.Send(answer.headWithLength()));
          for (byte next : answer.bodyBytes()) {
            steps.add(new Step.Pause(perByte));
            steps.add(new Step.Send(new byte[] {next}));
          }
          return steps;
        });
  }

  /** Sends the body in chunked framing, this many bytes a chunk. */
  static ScriptedReply chunked(Whole reply, int chunkBytes) {
    return new Played(
        request -> {
          ScriptedResponse answer = reply.answer(request);
          byte[] body = answer.bodyBytes();
          var steps = new ArrayList<Step>();
          steps.add(new Step.Send(answer.head("Transfer-Encoding: chunked")));
          for (int from = 0; from < body.length; from += chunkBytes) {
            byte[] chunk = Arrays.copyOfRange(body, from, Math.min(from + chunkBytes, body.length));
            steps.add(Step.send(Integer.toHexString(chunk.length) + "\r\n"));
            steps.add(new Step.Send(chunk));
            steps.add(Step.send("\r\n"));
          }
          steps.add(Step.send("0\r\n\r\n"));
          return steps;
        });
  }

  /** A 200 whose body never ends. */
  static ScriptedReply endlessBody() {
    byte[] head = new ScriptedResponse(200, Map.of(), "").head("Connection: close");
    byte[] spaces = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
    return of(new Step.Send(head), new Step.SendForever(spaces));
  }
}
