package dev.skein.faults;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * One thing the server does to a connection. A reply is a list of steps, played in order; unless it
 * ends with {@link Close} or {@link Reset}, the connection then serves its next request.
 */
public sealed interface Step {

  /** Writes these bytes. */
  @SuppressWarnings("ArrayRecordComponent") // bytes of any kind, never compared
  record Send(byte[] bytes) implements Step {}

  /** Writes these bytes again and again, until the client closes. */
  @SuppressWarnings("ArrayRecordComponent")
  record SendForever(byte[] bytes) implements Step {}

  /** Lets real time pass. */
  record Pause(Duration time) implements Step {}

  /** Waits until the test opens the latch. */
  record Await(CountDownLatch latch) implements Step {}

  /** Does nothing more until the client closes. */
  record Hang() implements Step {}

  /** Closes the connection (FIN). */
  record Close() implements Step {}

  /** Aborts the connection (RST). */
  record Reset() implements Step {}

  static Step send(String text) {
    return new Send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** These bytes as one HTTP chunk. */
  static byte[] chunk(byte[] bytes, int from, int to) {
    var chunk = new ByteArrayOutputStream(to - from + 16);
    chunk.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    chunk.write(bytes, from, to - from);
    chunk.writeBytes(new byte[] {'\r', '\n'});
    return chunk.toByteArray();
  }

  /** Writes these bytes as HTTP chunks of this size, each after a pause, without the last chunk. */
  static List<Step> chunks(byte[] bytes, int size, Duration pause) {
    var steps = new ArrayList<Step>();
    for (int from = 0; from < bytes.length; from += Math.min(size, bytes.length - from)) {
      if (pause.isPositive()) {
        steps.add(new Pause(pause));
      }
      steps.add(new Send(chunk(bytes, from, from + Math.min(size, bytes.length - from))));
    }
    return steps;
  }

  /** Writes each of these bytes after a pause. */
  static List<Step> slowly(byte[] bytes, Duration pause) {
    var steps = new ArrayList<Step>();
    for (byte next : bytes) {
      steps.add(new Pause(pause));
      steps.add(new Send(new byte[] {next}));
    }
    return steps;
  }

  /** Whether it only ends the reply. */
  default boolean ends() {
    return this instanceof Close || this instanceof Reset;
  }
}
