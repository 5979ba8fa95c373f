package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.TimedOut;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a call's thread and the other threads have to say to each other: text for the reader in one
 * direction; that it was taken, or that the call is to end, in the other.
 */
final class DeltaChannel {
  private enum Reply {
    TAKEN,
    CLOSED
  }

  /** An empty one is the end. */
  private final Mailbox<Optional<Delta>> deltas;

  private final Mailbox<Reply> replies;
  private volatile boolean closed;

  DeltaChannel(Mailbox.Factory mailboxes) {
    this.deltas = mailboxes.create();
    this.replies = mailboxes.create();
  }

  /** The call's thread: hands text to the reader. */
  void release(List<Delta> released) {
    released.forEach(delta -> deltas.post(Optional.of(delta)));
  }

  /** The call's thread: nothing more follows. */
  void end() {
    deltas.post(Optional.empty());
  }

  /**
   * The call's thread: waits until the reader has taken what was released. So a slow reader holds
   * the provider back, and the time that it takes is not mistaken for the provider's silence.
   *
   * @return how the call ends instead; empty when all was taken
   */
  Optional<LlmOutcome> awaitTaken(int count, Deadline deadline) {
    for (int taken = 0; taken < count; taken++) {
      Reply reply = replies.poll(deadline.remaining());
      if (reply != Reply.TAKEN) {
        return Optional.of(reply == null ? new TimedOut() : new Abandoned());
      }
    }
    return Optional.empty();
  }

  /** The call's thread: waits, unless the call is closed. */
  void pause(Duration duration) {
    var _ = replies.poll(duration);
  }

  boolean isClosed() {
    return closed;
  }

  /** The reader: waits for the next text; empty at the end. */
  Optional<Delta> take() {
    var delta = deltas.take();
    if (delta.isPresent()) {
      replies.post(Reply.TAKEN);
    }
    return delta;
  }

  /** Any thread: the call is to end. */
  void close() {
    closed = true;
    replies.post(Reply.CLOSED);
  }
}
