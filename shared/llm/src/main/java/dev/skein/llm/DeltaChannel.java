package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.TimedOut;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a call's thread and the other threads have to say to each other: text for the reader in one
 * direction; that it was taken, or that the call is to end, in the other.
 */
final class DeltaChannel {
  private enum Notice {
    TAKEN,
    CLOSED,
    WOKEN
  }

  private final boolean hasReader;

  /** An empty one is the end. */
  private final Mailbox<Optional<Delta>> deltas;

  private final Mailbox<Notice> notices;
  private volatile @Nullable LlmOutcome closed;
  private boolean released;

  /**
   * A channel of which nothing was taken yet.
   *
   * @param hasReader whether text is taken before the call has ended; otherwise none is released
   */
  DeltaChannel(boolean hasReader, Mailbox.Factory mailboxes) {
    this.hasReader = hasReader;
    this.deltas = mailboxes.create();
    this.notices = mailboxes.create();
  }

  /** The call's thread: hands text to the reader, if there is one. */
  void release(List<Delta> text) {
    if (hasReader) {
      text.forEach(delta -> deltas.post(Optional.of(delta)));
      released |= !text.isEmpty();
    }
  }

  /** The call's thread: whether a reader got text, so that nothing can be tried again. */
  boolean hasReleased() {
    return released;
  }

  boolean hasReader() {
    return hasReader;
  }

  /**
   * The call's thread: waits until the reader has taken what was released. So a slow reader holds
   * the provider back, and the time that it takes is not mistaken for the provider's silence.
   *
   * @return how the call ends instead; empty when all was taken
   */
  Optional<LlmOutcome> awaitTaken(int count, Deadline deadline) {
    for (int taken = 0; hasReader && taken < count; taken++) {
      if (nextNotice(deadline) != Notice.TAKEN) {
        return closed().or(() -> Optional.of(new TimedOut(LlmOutcome.Limit.DEADLINE)));
      }
    }
    return Optional.empty();
  }

  /** The call's thread: waits, unless the call is closed. */
  void pause(Deadline end) {
    var _ = nextNotice(end);
  }

  /** The call's thread: waits until it is woken, unless the call is closed. */
  void awaitWake(Deadline end) {
    var _ = notices.poll(end.remaining());
  }

  /** What woke the call before may be late, and means nothing any more. */
  private @Nullable Notice nextNotice(Deadline end) {
    Notice notice = notices.poll(end.remaining());
    while (notice == Notice.WOKEN) {
      notice = notices.poll(end.remaining());
    }
    return notice;
  }

  /** Any thread: ends the call's {@link #awaitWake}. */
  void wake() {
    notices.post(Notice.WOKEN);
  }

  /** The call's thread: nothing more follows. */
  void end() {
    deltas.post(Optional.empty());
  }

  /** How the call is to end, if it was closed. */
  Optional<LlmOutcome> closed() {
    return Optional.ofNullable(closed);
  }

  /** The reader: waits for the next text; empty at the end. */
  Optional<Delta> take() {
    var delta = deltas.take();
    if (delta.isPresent()) {
      notices.post(Notice.TAKEN);
    }
    return delta;
  }

  /** Any thread: the call is to end like this. */
  void close(LlmOutcome outcome) {
    closed = outcome;
    notices.post(Notice.CLOSED);
  }
}
