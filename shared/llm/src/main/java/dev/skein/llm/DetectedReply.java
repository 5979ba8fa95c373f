package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A body that is read as what it begins like: servers and proxies get the content type wrong, and
 * some stream to a request for a whole reply, or the other way around.
 */
final class DetectedReply implements ReplyReader {
  /** Blanks, and the bytes of a byte order mark. */
  private static final String SKIPPED = " \t\r\n\u00EF\u00BB\u00BF";

  private static final String JSON_STARTS = "{[";

  /** Of a comment, and of the names of the fields: data, event, id, retry. */
  private static final String STREAM_STARTS = ":deir";

  private final ReplyReader whole;
  private final ReplyReader streamed;
  private ReplyReader reader;
  private boolean detected;

  /**
   * A body that has not begun.
   *
   * @param streaming whether a stream was asked for, which a body is that begins in another way
   */
  DetectedReply(ReplyReader whole, ReplyReader streamed, boolean streaming) {
    this.whole = whole;
    this.streamed = streamed;
    this.reader = streaming ? streamed : whole;
  }

  @Override
  public List<Delta> read(List<ByteBuffer> bytes) {
    for (ByteBuffer buffer : bytes) {
      for (int i = buffer.position(); i < buffer.limit() && !detected; i++) {
        detect((char) (buffer.get(i) & 0xFF));
      }
    }
    return reader.read(bytes);
  }

  private void detect(char first) {
    detected = SKIPPED.indexOf(first) < 0;
    if (JSON_STARTS.indexOf(first) >= 0) {
      reader = whole;
    } else if (STREAM_STARTS.indexOf(first) >= 0) {
      reader = streamed;
    }
  }

  @Override
  public List<Delta> readRest() {
    return reader.readRest();
  }

  @Override
  public Optional<AttemptResult> earlyResult() {
    return reader.earlyResult();
  }

  @Override
  public long tokens() {
    return reader.tokens();
  }

  @Override
  public boolean lacksOnlyEndMark() {
    return reader.lacksOnlyEndMark();
  }

  @Override
  public Duration endMarkLimit(Duration stall) {
    return reader.endMarkLimit(stall);
  }

  @Override
  public AttemptResult ended() {
    return reader.ended();
  }

  @Override
  public AttemptResult brokenOff(String reason) {
    return reader.brokenOff(reason);
  }
}
