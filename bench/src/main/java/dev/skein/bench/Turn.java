package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.Answer;
import java.util.concurrent.CompletableFuture;

/**
 * One event, done, with the time of each step as {@link System#nanoTime} tells it.
 *
 * @param asked when the function asked for it, or when it was there for a function that had asked
 * @param handedOut when it was on its way to the function
 * @param answered when its response was here
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
              return turn.answer()
                  .thenApply(answer -> done(asked, handedOut, System.nanoTime(), answer));
            });
  }

  private static Turn done(long asked, long handedOut, long answered, Answer answer) {
    boolean failed = !(answer instanceof Answer.Whole);
    String reply =
        answer instanceof Answer.Whole(byte[] payload)
            ? new String(payload, UTF_8)
            : answer.toString();
    return new Turn(asked, handedOut, answered, failed, reply);
  }
}
