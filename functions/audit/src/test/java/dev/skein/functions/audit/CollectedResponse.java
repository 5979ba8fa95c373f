package dev.skein.functions.audit;

import dev.skein.runtime.StreamingResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A response as its caller receives it. */
final class CollectedResponse implements StreamingResponse {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status;
  private Map<String, String> headers = Map.of();
  private Optional<String> failure = Optional.empty();
  private Runnable disconnect = () -> {};
  private int writes;
  private int writesUntilDisconnect = Integer.MAX_VALUE;

  /** The caller disconnects during this write. */
  CollectedResponse disconnectingAt(int write) {
    writesUntilDisconnect = write;
    return this;
  }

  @Override
  public OutputStream begin(int code, Map<String, String> values) {
    status = code;
    headers = values;
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        writes++;
        if (writes >= writesUntilDisconnect) {
          disconnect.run();
          throw new IOException("the caller has disconnected");
        }
        body.write(bytes, offset, length);
      }
    };
  }

  @Override
  public void fail(String errorType, String errorMessage) {
    failure = Optional.of(errorType);
  }

  @Override
  public void onDisconnect(Runnable task) {
    disconnect = task;
  }

  @Override
  public void limit(Duration time) {}

  @Override
  public void afterwards(Runnable work) {
    work.run();
  }

  int status() {
    return status;
  }

  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  Map<String, String> headers() {
    return headers;
  }

  String text() {
    return body.toString(StandardCharsets.UTF_8);
  }

  int bytes() {
    return body.size();
  }

  int writes() {
    return writes;
  }

  /** Why the transfer was broken; empty if the response is complete. */
  Optional<String> failure() {
    return failure;
  }
}
