package dev.skein.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What stubs received. Thread-safe. */
final class Received {

  private int items;
  private final List<String> messages = new ArrayList<>();

  synchronized void clear() {
    items = 0;
    messages.clear();
  }

  synchronized void item() {
    items++;
    notifyAll();
  }

  synchronized void message(String body) {
    messages.add(body);
    notifyAll();
  }

  /** Items put into the table. */
  synchronized int items() {
    return items;
  }

  /** Bodies of the messages that were sent to the queue. */
  synchronized List<String> messages() {
    return List.copyOf(messages);
  }

  /** Waits until at least so many have arrived; whether they have. */
  synchronized boolean await(int wantedMessages, int wantedItems, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (messages.size() < wantedMessages || items < wantedItems) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
