package dev.skein.runtimeapi;

import dev.skein.http.IncomingBody;
import dev.skein.runtimeapi.RuntimeApi.PostedResult.Failed;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A streamed response, read from the runtime's connection: a reader that does not read holds the
 * function back.
 */
final class ResponseStream extends InputStream {

  private final IncomingBody body;
  private final Runnable closeConnection;
  private final long limit;
  private final CompletableFuture<Optional<Failed>> end = new CompletableFuture<>();
  private long total;

  /**
   * @param limit of the whole response, in bytes
   */
  ResponseStream(IncomingBody body, Runnable closeConnection, long limit) {
    this.body = body;
    this.closeConnection = closeConnection;
    this.limit = limit;
  }

  /** Completes when the stream ends, with the error if it ends early. */
  CompletableFuture<Optional<Failed>> end() {
    return end;
  }

  @Override
  public int read() {
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
        return fail(
            "Function.ResponseSizeTooLarge",
            "The response is larger than %d MB.".formatted(limit >> 20));
      }
      return count;
    } catch (IOException e) {
      return fail(RuntimeApi.TRUNCATED, "The connection broke before the end of the response.");
    }
  }

  /** Before the end, closes the connection: this is how the function learns that nobody reads. */
  @Override
  public void close() {
    fail(RuntimeApi.ABANDONED, "The reader closed the response before its end.");
  }

  private int fail(String type, String message) {
    if (end.complete(Optional.of(new Failed(type, message)))) {
      closeConnection.run();
    }
    return -1;
  }
}
