package dev.skein.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * One thing the server does to a connection. A reply is a list of them, played in order; when the
 * list ends without {@link Close} or {@link Reset} the connection serves its next request.
 */
public sealed interface Step {

  /** Writes these bytes. */
  @SuppressWarnings("ArrayRecordComponent") // bytes of any kind, never compared
  record Send(byte[] bytes) implements Step {}

  /** Writes these bytes again and again, until the client goes. */
  @SuppressWarnings("ArrayRecordComponent")
  record SendForever(byte[] bytes) implements Step {}

  /** Lets real time pass. */
  record Pause(Duration time) implements Step {}

  /** Waits until the test opens the latch. */
  record Await(CountDownLatch latch) implements Step {}

  /** Does nothing more until the client goes. */
  record Hang() implements Step {}

  /** Closes the connection (FIN). */
  record Close() implements Step {}

  /** Aborts the connection (RST). */
  record Reset() implements Step {}

  static Step send(String text) {
    return new Send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the client is told nothing more by this step than that the answer has ended. */
  default boolean ends() {
    return this instanceof Close || this instanceof Reset;
  }
}
