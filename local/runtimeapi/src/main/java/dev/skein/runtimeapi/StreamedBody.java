package dev.skein.runtimeapi;

import dev.skein.runtimeapi.RuntimeApi.InvocationResult.Failed;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A streamed response as it comes. Reading is what takes it off the connection: a reader that does
 * not read holds the function back.
 */
final class StreamedBody extends InputStream {

  private final RequestBody body;
  private final Runnable hangUp;
  private final long limit;
  private final CompletableFuture<Optional<Failed>> end = new CompletableFuture<>();
  private long total;

  /**
   * @param hangUp closes the connection
   * @param limit bytes of the longest response
   */
  StreamedBody(RequestBody body, Runnable hangUp, long limit) {
    this.body = body;
    this.hangUp = hangUp;
    this.limit = limit;
  }

  /** Completes with how the stream ended; empty after a good end. */
  CompletableFuture<Optional<Failed>> end() {
    return end;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    if (end.isDone()) {
      return -1;
    }
    try {
      int count = body.read(bytes, offset, length);
      total += Math.max(count, 0);
      if (count < 0) {
        end.complete(RuntimeError.ofTrailers(body.trailers()));
      } else if (total > limit) {
        String told = "The response is larger than %d MB.".formatted(limit >> 20);
        cut(new Failed("Function.ResponseSizeTooLarge", told));
        return -1;
      }
      return count;
    } catch (IOException e) {
      cut(new Failed(RuntimeApi.TRUNCATED, "The connection broke before the end of the response."));
      return -1;
    }
  }

  /** Before the end: breaks the connection, from which the function learns that nobody reads. */
  @Override
  public void close() {
    cut(new Failed(RuntimeApi.ABANDONED, "Its reader went away before the end of the response."));
  }

  private void cut(Failed why) {
    if (end.complete(Optional.of(why))) {
      hangUp.run();
    }
  }
}
