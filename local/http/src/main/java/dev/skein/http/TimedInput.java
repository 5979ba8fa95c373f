package dev.skein.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A socket's input, whose reads fail after a moment that is set. One thread uses it at a time. */
final class TimedInput extends InputStream {

  private final Socket socket;
  private final InputStream in;
  private boolean limited;

  /** As a {@link System#nanoTime}. */
  private long end;

  TimedInput(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  /** Reads throw a {@link SocketTimeoutException} once this much time has passed. */
  void limit(Duration time) {
    limited = true;
    end = System.nanoTime() + time.toNanos();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (limited) {
      socket.setSoTimeout((int) Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
    }
    return in.read(bytes, offset, length);
  }

  @Override
  public int available() throws IOException {
    return in.available();
  }
}
