package dev.skein.local.front;

import dev.skein.local.functions.InvocationResult;
import java.io.IOException;
import java.io.InputStream;
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

  private static final String CALLER_LEFT = "the caller disconnected";

  private final Exchange exchange;
  private final InvocationResult.Streamed stream;
  private boolean finished;

  private StreamedResponse(Exchange exchange, InvocationResult.Streamed stream) {
    this.exchange = exchange;
    this.stream = stream;
  }

  /**
   * Writes the head and the body. A stream that is cut ends with its connection, without a last
   * chunk, so that the caller notices.
   *
   * @return why the stream was cut; empty if it is complete
   */
  static Optional<String> write(
      Exchange exchange, ResponseHead head, InvocationResult.Streamed stream)
      throws InterruptedException {
    return new StreamedResponse(exchange, stream).write(head);
  }

  private Optional<String> write(ResponseHead head) throws InterruptedException {
    var _ = stream.end().thenAccept(end -> end.ifPresent(_ -> cutSoon()));
    boolean hasBody = true;
    try {
      hasBody = exchange.startStream(head);
      copy(stream.body(), hasBody);
    } catch (IOException e) {
      // The caller disconnected, or did not read: the end of the stream says which.
    } finally {
      stream.abandon();
      finish();
    }
    return end(hasBody);
  }

  private Optional<String> end(boolean hasBody) throws InterruptedException {
    try {
      Optional<InvocationResult> broken = stream.end().get();
      if (broken.isPresent()) {
        exchange.cut();
      } else if (hasBody) {
        exchange.endStream();
      }
      return broken.map(StreamedResponse::reason);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      return Optional.of(CALLER_LEFT);
    }
  }

  private void copy(InputStream body, boolean hasBody) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
      if (hasBody) {
        exchange.write(chunk, count);
      }
    }
  }

  private void cutSoon() {
    CompletableFuture.delayedExecutor(GRACE.toMillis(), TimeUnit.MILLISECONDS).execute(this::cut);
  }

  /** Ends a blocked write. */
  private synchronized void cut() {
    if (!finished) {
      exchange.cut();
    }
  }

  private synchronized void finish() {
    finished = true;
  }

  private static String reason(InvocationResult end) {
    return InvocationResult.isAbandoned(end) ? CALLER_LEFT : end.reason();
  }
}
