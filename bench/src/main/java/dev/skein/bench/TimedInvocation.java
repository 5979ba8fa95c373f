package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/**
 * One event and its response; times as in {@link System#nanoTime}.
 *
 * @param asked when the function asked for it, or when it was offered to a function that had asked
 * @param handedOut just before it was on its way to the function
 * @param responded when its whole response had arrived
 * @param response or the function's error
 */
record TimedInvocation(
    long asked, long handedOut, long responded, boolean failed, String response) {

  /** What is done to a function that waits for an event. */
  @FunctionalInterface
  interface Preparation {
    void run() throws IOException;
  }

  /** Hands out this event as soon as the function asks for one and is prepared. */
  static CompletableFuture<TimedInvocation> of(
      RuntimeApi api, byte[] event, Preparation preparation) {
    return api.asked()
        .thenCompose(
            invocation -> {
              long asked = System.nanoTime();
              run(preparation);
              long handedOut = System.nanoTime();
              invocation.give(event);
              // Not on the thread of the connection, from which a stream is still to be read.
              return invocation
                  .result()
                  .thenApplyAsync(
                      result -> read(asked, handedOut, result), Thread::startVirtualThread);
            });
  }

  private static void run(Preparation preparation) {
    try {
      preparation.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TimedInvocation read(long asked, long handedOut, PostedResult result) {
    return switch (result) {
      case PostedResult.Whole(byte[] payload) -> done(asked, handedOut, false, payload);
      case PostedResult.Streamed streamed -> {
        byte[] response = all(streamed.body());
        yield done(asked, handedOut, streamed.end().join().isPresent(), response);
      }
      case PostedResult.Failed _, PostedResult.TooLarge _ ->
          done(asked, handedOut, true, result.toString().getBytes(UTF_8));
    };
  }

  private static byte[] all(InputStream stream) {
    try (stream) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TimedInvocation done(long asked, long handedOut, boolean failed, byte[] response) {
    return new TimedInvocation(
        asked, handedOut, System.nanoTime(), failed, new String(response, UTF_8));
  }
}
