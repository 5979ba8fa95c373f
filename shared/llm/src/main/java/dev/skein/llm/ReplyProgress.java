package dev.skein.llm;

import dev.skein.base.Deadline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How long a reply may go on without progress. A byte alone is no progress, or a provider could
 * hold a caller with one blank a second:
 *
 * <ul>
 *   <li>A line that has begun must end, or grow by {@value #MIN_GROWTH} bytes other than blanks,
 *       within the stall limit.
 *   <li>Before the first token a reply may be silent, or consist of comments, pings and empty
 *       lines, until the first-token limit: a model that thinks may take minutes.
 *   <li>After the first token a line must end within the stall limit, and the next token must come
 *       within the first-token limit, whatever comments precede it.
 * </ul>
 *
 * For the call's thread.
 */
final class ReplyProgress {
  private static final int MIN_GROWTH = 1024;

  private final Duration stall;
  private final Duration firstToken;
  private final LongSupplier nanoTime;
  private Deadline tokenDue;
  private Deadline lineDue;
  private long tokens;
  private boolean inLine;
  private int growth;

  /**
   * A reply whose body has not begun.
   *
   * @param tokenDue until when the first token must come
   * @param firstToken the longest time between two tokens
   */
  ReplyProgress(Deadline tokenDue, Duration firstToken, Duration stall, LongSupplier nanoTime) {
    this.tokenDue = tokenDue;
    this.firstToken = firstToken;
    this.stall = stall;
    this.nanoTime = nanoTime;
    this.lineDue = tokenDue;
  }

  /** How long to wait for the next piece; zero or negative when the time is up. */
  Duration remaining() {
    Duration untilToken = tokenDue.remaining();
    boolean lineIsDue = inLine || tokens > 0;
    return lineIsDue && !lineDue.leavesRoomFor(untilToken) ? lineDue.remaining() : untilToken;
  }

  /** As {@link #remaining}, until this long after the last token. */
  Duration remainingAfterToken(Duration limit) {
    return tokenDue.remaining().minus(firstToken).plus(limit);
  }

  /** Whether the reply has had neither a token nor a line that broke off. */
  boolean isSilent() {
    return tokens == 0 && !inLine;
  }

  /** A piece of the body, whose buffers are left as they are. */
  void read(List<ByteBuffer> piece) {
    for (ByteBuffer bytes : piece) {
      for (int i = bytes.position(); i < bytes.limit(); i++) {
        read(bytes.get(i));
      }
    }
  }

  /**
   * How many tokens the reply has had so far.
   *
   * @param count never decreases
   */
  void tokens(long count) {
    if (count > tokens) {
      tokens = count;
      tokenDue = Deadline.in(firstToken, nanoTime);
      expectLine();
    }
  }

  /** The call's reader has taken a part of the reply. How long that took does not count. */
  void taken() {
    expectLine();
  }

  private void read(byte next) {
    if (next == '\n' || next == '\r') {
      inLine = false;
      expectLine();
      return;
    }
    if (!inLine) {
      inLine = true;
      expectLine();
    }
    if (next > ' ' || next < 0) {
      growth++;
    }
    if (growth == MIN_GROWTH) {
      expectLine();
    }
  }

  private void expectLine() {
    lineDue = Deadline.in(stall, nanoTime);
    growth = 0;
  }
}
