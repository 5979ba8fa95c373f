package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import dev.skein.local.functions.InvocationResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Writes a response chunk by chunk while the function produces it. */
final class StreamedResponse {

  private static final int CHUNK = 16 * 1024;

  /** How long a write to a caller that does not read may block after the stream broke. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final HttpExchange exchange;
  private final int status;
  private final InvocationResult.Streamed stream;
  private final Thread writer = Thread.currentThread();
  private boolean finished;

  private StreamedResponse(HttpExchange exchange, int status, InvocationResult.Streamed stream) {
    this.exchange = exchange;
    this.status = status;
    this.stream = stream;
  }

  /**
   * Writes the body, after the headers that the exchange already has.
   *
   * @return why the stream was cut; then the exchange must not be closed, since that would make the
   *     response look complete. Empty if it is complete.
   */
  static Optional<String> write(HttpExchange exchange, int status, InvocationResult.Streamed stream)
      throws InterruptedException {
    return new StreamedResponse(exchange, status, stream).write();
  }

  private Optional<String> write() throws InterruptedException {
    var _ = stream.end().thenAccept(end -> end.ifPresent(_ -> interruptSoon()));
    try {
      copy(stream.body());
    } catch (IOException e) {
      // The caller disconnected, or this thread was interrupted: the end of the stream says which.
      Thread.interrupted();
    } finally {
      stream.abandon();
      finish();
    }
    try {
      return stream.end().get().map(StreamedResponse::reason);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void copy(InputStream body) throws IOException {
    byte[] chunk = new byte[CHUNK];
    if (ResponseWriter.hasNoBody(exchange, status)) {
      exchange.sendResponseHeaders(status, -1);
      body.transferTo(OutputStream.nullOutputStream());
      return;
    }
    exchange.sendResponseHeaders(status, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
      out.write(chunk, 0, count);
      out.flush();
    }
  }

  private void interruptSoon() {
    CompletableFuture.delayedExecutor(GRACE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::interruptWriter);
  }

  /** An interrupt closes the connection under a blocked write. */
  private synchronized void interruptWriter() {
    if (!finished) {
      writer.interrupt();
    }
  }

  private synchronized void finish() {
    finished = true;
  }

  private static String reason(InvocationResult end) {
    return InvocationResult.isAbandoned(end) ? "the caller disconnected" : end.reason();
  }
}
