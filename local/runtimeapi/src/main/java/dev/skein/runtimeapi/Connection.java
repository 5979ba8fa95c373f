package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.runtimeapi.RuntimeApi.InvocationResult;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection of a runtime, and its requests one after another. */
final class Connection {

  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final String INVOCATION = PREFIX + "invocation/";
  private static final String OK = "{\"status\":\"OK\"}";
  private static final String UNKNOWN =
      "{\"errorType\":\"InvalidRequestID\",\"errorMessage\":\"\"}";
  private static final String TOO_LARGE =
      "{\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"\"}";

  private final RuntimeApi api;
  private final Socket socket;

  /** An event that was asked for here and not handed out yet. */
  private @Nullable PendingInvocation waiting;

  Connection(RuntimeApi api, Socket socket) {
    this.api = api;
    this.socket = socket;
  }

  /** Returns when the connection is at its end. */
  void serve() {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean more = true;
      while (more) {
        Optional<Request> request = Request.read(in);
        if (request.isPresent()) {
          serve(request.get(), in);
        }
        more = request.isPresent() && !request.get().has("Connection", "close");
      }
    } catch (IOException e) {
      // The runtime has gone, or speaks something else than HTTP: either way it is over.
    } finally {
      if (waiting != null) {
        api.withdraw(waiting);
      }
    }
  }

  /** Breaks it, under whoever reads and writes. */
  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is as closed as it can be.
    }
  }

  /** Answers the request for {@code turn}; the headers are followed by the event. */
  void send(Map<String, String> headers, byte[] event) throws IOException {
    reply("200 OK", headers, event);
  }

  private void serve(Request request, InputStream in) throws IOException {
    if (request.has("Expect", "100-continue")) {
      write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII));
    }
    RequestBody body = RequestBody.of(request, in);
    String call = request.method() + " " + request.path();
    if (call.equals("GET " + INVOCATION + "next")) {
      drain(body);
      waiting = api.ask(this);
    } else if (call.equals("POST " + PREFIX + "init/error")) {
      api.failInit(error(request, body));
      reply("202 Accepted", OK);
    } else if (call.startsWith("POST " + INVOCATION)) {
      answer(request, body);
    } else {
      drain(body);
      reply("400 Bad Request", UNKNOWN);
    }
  }

  private void answer(Request request, RequestBody body) throws IOException {
    String[] rest = request.path().substring(INVOCATION.length()).split("/", -1);
    PendingInvocation turn = api.given(rest[0]);
    String what = rest.length == 2 ? rest[1] : "";
    if (turn == null || !(what.equals("response") || what.equals("error"))) {
      drain(body);
      reply("400 Bad Request", UNKNOWN);
    } else if (what.equals("error")) {
      api.answer(turn, error(request, body));
      reply("202 Accepted", OK);
    } else if (request.has("Lambda-Runtime-Function-Response-Mode", "streaming")) {
      stream(request, body, turn);
    } else {
      whole(body, turn);
    }
  }

  private void whole(RequestBody body, PendingInvocation turn) throws IOException {
    byte[] payload = body.readNBytes(RuntimeApi.PAYLOAD_LIMIT + 1);
    drain(body);
    if (payload.length > RuntimeApi.PAYLOAD_LIMIT) {
      // The runtime may still tell of it as an error: the turn stays known.
      turn.result().complete(new InvocationResult.TooLarge());
      reply("413 Payload Too Large", TOO_LARGE);
    } else {
      api.answer(turn, new InvocationResult.Whole(payload));
      reply("202 Accepted", OK);
    }
  }

  private void stream(Request request, RequestBody body, PendingInvocation turn)
      throws IOException {
    StreamedBody stream = new StreamedBody(body, this::close, api.streamLimit());
    api.answer(
        turn,
        new InvocationResult.Streamed(request.header("Content-Type"), stream, stream.end().copy()));
    // Until then the connection is read by whoever reads the stream.
    stream.end().join();
    if (body.isEnded()) {
      reply("202 Accepted", OK);
    } else {
      close();
    }
  }

  private static InvocationResult.Failed error(Request request, RequestBody body)
      throws IOException {
    byte[] told = body.readNBytes(RuntimeApi.PAYLOAD_LIMIT);
    drain(body);
    return RuntimeError.of(told, request.header("Lambda-Runtime-Function-Error-Type"));
  }

  private static void drain(InputStream body) throws IOException {
    body.transferTo(OutputStream.nullOutputStream());
  }

  private void reply(String status, String json) throws IOException {
    reply(status, Map.of("Content-Type", "application/json"), json.getBytes(UTF_8));
  }

  private void reply(String status, Map<String, String> headers, byte[] body) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + body.length + "\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream(head.length() + body.length);
    all.writeBytes(head.toString().getBytes(US_ASCII));
    all.writeBytes(body);
    write(all.toByteArray());
  }

  private void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }
}
