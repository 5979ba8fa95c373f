package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.InvocationResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/**
 * One event, done, with the time of each step as {@link System#nanoTime} tells it.
 *
 * @param asked when the function asked for it, or when it was there for a function that had asked
 * @param handedOut when it was on its way to the function
 * @param answered when its response was here to the end
 * @param reply the response, or what the function says went wrong
 */
record Turn(long asked, long handedOut, long answered, boolean failed, String reply) {

  /** Hands this event out as soon as the function asks for one. */
  static CompletableFuture<Turn> of(RuntimeApi api, byte[] event) {
    return api.asked()
        .thenCompose(
            turn -> {
              long asked = System.nanoTime();
              turn.give(event);
              long handedOut = System.nanoTime();
              return turn.result().thenCompose(answer -> read(asked, handedOut, answer));
            });
  }

  /** A stream is read elsewhere: this thread is the connection's, on which it comes. */
  private static CompletableFuture<Turn> read(long asked, long handedOut, InvocationResult answer) {
    return switch (answer) {
      case InvocationResult.Whole(byte[] payload) ->
          CompletableFuture.completedFuture(done(asked, handedOut, false, payload));
      case InvocationResult.Streamed streamed ->
          CompletableFuture.supplyAsync(
              () -> streamed(asked, handedOut, streamed), Thread::startVirtualThread);
      case InvocationResult.Failed _, InvocationResult.TooLarge _ ->
          CompletableFuture.completedFuture(
              done(asked, handedOut, true, answer.toString().getBytes(UTF_8)));
    };
  }

  private static Turn streamed(long asked, long handedOut, InvocationResult.Streamed streamed) {
    try (InputStream body = streamed.body()) {
      byte[] reply = body.readAllBytes();
      return done(asked, handedOut, streamed.end().join().isPresent(), reply);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Turn done(long asked, long handedOut, boolean failed, byte[] reply) {
    return new Turn(asked, handedOut, System.nanoTime(), failed, new String(reply, UTF_8));
  }
}
