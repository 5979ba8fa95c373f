package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A body that can be interpreted only when it is complete. */
final class WholeReply implements ReplyReader {
  private final int status;
  private final HttpHeaders headers;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(2048);
  private boolean tooLarge;
  private boolean hasBegun;

  WholeReply(int status, HttpHeaders headers) {
    this.status = status;
    this.headers = headers;
  }

  @Override
  public List<Delta> read(List<ByteBuffer> bytes) {
    for (ByteBuffer buffer : bytes) {
      tooLarge |= body.size() + buffer.remaining() > LlmLimits.MAX_REPLY_BYTES;
      if (!tooLarge) {
        byte[] piece = new byte[buffer.remaining()];
        buffer.get(piece);
        body.writeBytes(piece);
        hasBegun |= !new String(piece, StandardCharsets.ISO_8859_1).isBlank();
      }
    }
    return List.of();
  }

  @Override
  public Optional<AttemptResult> earlyResult() {
    return tooLarge ? Optional.of(new AttemptResult.TooLarge()) : Optional.empty();
  }

  @Override
  public long tokens() {
    return hasBegun ? 1 + body.size() / 1024 : 0;
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
    var bytes = ByteBuffer.wrap(body.toByteArray());
    // Behind a success, an error counts as the status that it names.
    int named = OpenAiReply.isSuccess(status) ? HiddenError.status(bytes).orElse(status) : status;
    return new AttemptResult.Answered(named, headers, bytes);
  }

  @Override
  public AttemptResult brokenOff(String reason) {
    return new AttemptResult.BrokenOff(reason);
  }
}
