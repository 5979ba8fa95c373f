package dev.skein.functions.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A queue in memory that delivers in any order, and some messages twice. A message that failed is
 * delivered again after all others, as after a visibility timeout, and is a dead letter after its
 * fifth delivery. Thread-safe.
 */
final class MemoryQueue {
  private static final int MAX_RECEIVE_COUNT = 5;
  private static final double DELIVERED_TWICE = 0.02;

  /**
   * A message.
   *
   * @param received how often it was delivered before
   */
  record Message(String id, String body, int received) {}

  private final Random random;
  private List<Message> visible = new ArrayList<>();
  private List<Message> returned = new ArrayList<>();
  private final Set<String> deadLetters = new TreeSet<>();
  private int delivered;

  MemoryQueue(long seed) {
    this.random = new Random(seed);
  }

  synchronized void send(String id, String body) {
    visible.add(new Message(id, body, 0));
  }

  /** Up to {@code max} messages; empty only if none is left but those in work. */
  synchronized List<Message> receive(int max) {
    if (visible.isEmpty()) {
      visible = returned;
      returned = new ArrayList<>();
    }
    var batch = new ArrayList<Message>();
    while (batch.size() < max && !visible.isEmpty()) {
      int chosen = random.nextInt(visible.size());
      var last = visible.removeLast();
      batch.add(chosen == visible.size() ? last : visible.set(chosen, last));
      if (random.nextDouble() < DELIVERED_TWICE) {
        returned.add(batch.getLast());
      }
    }
    delivered += batch.size();
    return batch;
  }

  synchronized void fail(Message message) {
    if (message.received() + 1 >= MAX_RECEIVE_COUNT) {
      deadLetters.add(message.id());
    } else {
      returned.add(new Message(message.id(), message.body(), message.received() + 1));
    }
  }

  synchronized Set<String> deadLetters() {
    return new TreeSet<>(deadLetters);
  }

  /** How many messages were delivered, each as often as it was. */
  synchronized int delivered() {
    return delivered;
  }
}
