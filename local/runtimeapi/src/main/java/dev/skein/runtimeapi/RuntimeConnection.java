package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingBody;
import dev.skein.http.IncomingRequest;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One connection of a runtime. */
final class RuntimeConnection {

  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final String INVOCATION = PREFIX + "invocation/";
  private static final String STREAMING = "Lambda-Runtime-Function-Response-Mode";

  private final RuntimeApi api;
  private final HttpConnection connection;

  /** The event that was last asked for here; it may have been handed out. */
  private @Nullable PendingInvocation waiting;

  RuntimeConnection(RuntimeApi api, HttpConnection connection) {
    this.api = api;
    this.connection = connection;
  }

  /** Returns when the connection has ended. */
  void serve() throws IOException, InterruptedException {
    try {
      connection.serve(this::handle);
    } finally {
      if (waiting != null) {
        api.withdraw(waiting);
      }
    }
  }

  private void handle(IncomingRequest request) throws IOException {
    String call = request.method() + " " + request.path();
    if (call.equals("GET " + INVOCATION + "next")) {
      waiting = api.ask(connection);
    } else if (call.equals("POST " + PREFIX + "init/error")) {
      api.failInit(error(request));
      accept();
    } else if (call.equals("GET " + PREFIX + "restore/next")) {
      api.takeSnapshot(connection);
    } else if (call.equals("POST " + PREFIX + "restore/error")) {
      api.failRestore(error(request));
      accept();
    } else if (call.startsWith("POST " + INVOCATION)) {
      receiveResult(request);
    } else {
      reject("400 Bad Request", "InvalidRequestID");
    }
  }

  private void receiveResult(IncomingRequest request) throws IOException {
    String[] rest = request.path().substring(INVOCATION.length()).split("/", -1);
    PendingInvocation invocation = api.inProgress(rest[0]);
    String kind = rest.length == 2 ? rest[1] : "";
    if (invocation == null || !(kind.equals("response") || kind.equals("error"))) {
      reject("400 Bad Request", "InvalidRequestID");
    } else if (kind.equals("error")) {
      api.complete(invocation, error(request));
      accept();
    } else if (request.hasHeader(STREAMING, "streaming")) {
      receiveStream(request, invocation);
    } else {
      receiveWhole(request.body(), invocation);
    }
  }

  private void receiveWhole(IncomingBody body, PendingInvocation invocation) throws IOException {
    byte[] payload = body.readNBytes(RuntimeApi.PAYLOAD_LIMIT + 1);
    body.drain();
    if (payload.length > RuntimeApi.PAYLOAD_LIMIT) {
      // The invocation stays in progress: the runtime may still post this as an error.
      invocation.result().complete(new PostedResult.TooLarge());
      reject("413 Payload Too Large", "RequestEntityTooLarge");
    } else {
      api.complete(invocation, new PostedResult.Whole(payload));
      accept();
    }
  }

  private void receiveStream(IncomingRequest request, PendingInvocation invocation)
      throws IOException {
    IncomingBody body = request.body();
    var stream = new ResponseStream(body, connection::close, api.streamLimit());
    api.complete(
        invocation,
        new PostedResult.Streamed(request.header("Content-Type"), stream, stream.end().copy()));
    // The reader of the stream reads from this connection until then.
    stream.end().join();
    if (body.isEnded()) {
      accept();
    } else {
      connection.close();
    }
  }

  private static PostedResult.Failed error(IncomingRequest request) throws IOException {
    byte[] error = request.body().readNBytes(RuntimeApi.PAYLOAD_LIMIT);
    request.body().drain();
    return RuntimeError.of(error, request.header("Lambda-Runtime-Function-Error-Type"));
  }

  private void accept() throws IOException {
    connection.respondJson("202 Accepted", "{\"status\":\"OK\"}".getBytes(UTF_8));
  }

  private void reject(String status, String type) throws IOException {
    connection.respondJson(
        status, "{\"errorType\":\"%s\",\"errorMessage\":\"\"}".formatted(type).getBytes(UTF_8));
  }
}
