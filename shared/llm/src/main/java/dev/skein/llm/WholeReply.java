package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A body that can be interpreted only when it is complete. */
final class WholeReply implements ReplyReader {
  private static final int INITIAL_BYTES = 2048;

  private final int status;
  private final HttpHeaders headers;
  private final int maxBytes;
  private final long declared;
  private byte[] body;
  private int size;
  private long received;
  private boolean hasBegun;

  /**
   * A body that has not begun.
   *
   * @param maxBytes the largest that is accepted
   */
  WholeReply(int status, HttpHeaders headers, int maxBytes) {
    this.status = status;
    this.headers = headers;
    this.maxBytes = maxBytes;
    this.declared = declaredLength(headers);
    this.body = new byte[Math.clamp(declared, Math.min(INITIAL_BYTES, maxBytes), maxBytes)];
  }

  private static long declaredLength(HttpHeaders headers) {
    try {
      return headers.firstValueAsLong("content-length").orElse(0);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  @Override
  public List<Delta> read(List<ByteBuffer> bytes) {
    for (ByteBuffer piece : bytes) {
      received += piece.remaining();
      if (!isTooLarge()) {
        add(piece);
      }
    }
    return List.of();
  }

  private void add(ByteBuffer piece) {
    int length = piece.remaining();
    if (size + length > body.length) {
      body = Arrays.copyOf(body, Math.min(maxBytes, Math.max(2 * body.length, size + length)));
    }
    piece.get(body, size, length);
    for (int i = size; i < size + length && !hasBegun; i++) {
      hasBegun = !Character.isWhitespace(body[i]);
    }
    size += length;
  }

  private boolean isTooLarge() {
    return Math.max(declared, received) > maxBytes;
  }

  @Override
  public List<Delta> readRest() {
    return List.of();
  }

  @Override
  public Optional<AttemptResult> earlyResult() {
    return isTooLarge()
        ? Optional.of(new AttemptResult.TooLarge(Math.max(declared, received), maxBytes))
        : Optional.empty();
  }

  @Override
  public long tokens() {
    return hasBegun ? 1 + size / 1024 : 0;
  }

  @Override
  public boolean lacksOnlyEndMark() {
    return false;
  }

  @Override
  public Duration endMarkLimit(Duration stall) {
    return stall;
  }

  @Override
  public AttemptResult ended() {
    var bytes = ByteBuffer.wrap(body, 0, size);
    // Behind a success, an error counts as the status that it names.
    int named = OpenAiReply.isSuccess(status) ? HiddenError.status(bytes).orElse(status) : status;
    return new AttemptResult.Answered(named, headers, bytes);
  }

  @Override
  public AttemptResult brokenOff(String reason) {
    return new AttemptResult.BrokenOff(reason);
  }
}
