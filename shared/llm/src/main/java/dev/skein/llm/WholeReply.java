package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A body that means nothing before it is whole. */
final class WholeReply implements ReplyReader {
  private final int status;
  private final HttpHeaders headers;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
  private boolean tooLarge;

  WholeReply(int status, HttpHeaders headers) {
    this.status = status;
    this.headers = headers;
  }

  @Override
  public List<Delta> read(ByteBuffer next) {
    tooLarge = bytes.size() + next.remaining() > LlmLimits.MAX_REPLY_BYTES;
    if (!tooLarge) {
      byte[] piece = new byte[next.remaining()];
      next.get(piece);
      bytes.writeBytes(piece);
    }
    return List.of();
  }

  @Override
  public Optional<Attempt> verdict() {
    return tooLarge ? Optional.of(new Attempt.TooLarge()) : Optional.empty();
  }

  @Override
  public boolean finishing() {
    return false;
  }

  @Override
  public Attempt ended() {
    return new Attempt.Answered(status, headers, ByteBuffer.wrap(bytes.toByteArray()));
  }

  @Override
  public Attempt brokenOff(String what) {
    return new Attempt.BrokenOff(what);
  }
}
