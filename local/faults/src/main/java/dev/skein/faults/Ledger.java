package dev.skein.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.http.IncomingRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the server has seen. Thread-safe; every change wakes the threads that await one. */
final class Ledger {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> CALLS =
      Set.of("/v1/chat/completions", ModelRequest.COMPLETIONS, ModelRequest.EMBEDDINGS);

  private final List<ModelRequest> calls = new ArrayList<>();
  private final List<ModelRequest> inFlight = new ArrayList<>();
  private final List<AbandonedCall> abandoned = new ArrayList<>();
  private long bytesSent;
  private int connections;
  private int mostInFlight;

  static boolean isCall(String method, String path) {
    return method.equals("POST") && CALLS.contains(path);
  }

  /** Counts a new connection, and numbers it. */
  synchronized int connected() {
    return ++connections;
  }

  /** Records a request whose last byte has been read, and numbers it if it is a call. */
  synchronized ModelRequest arrived(
      int connection, int clientPort, IncomingRequest request, String body) {
    boolean call = isCall(request.method(), request.path());
    var arrived =
        new ModelRequest(
            call ? calls.size() + 1 : 0,
            connection,
            clientPort,
            request.method(),
            request.path(),
            request.headers(),
            body,
            json(body));
    if (call) {
      calls.add(arrived);
      inFlight.add(arrived);
      mostInFlight = Math.max(mostInFlight, inFlight.size());
      notifyAll();
    }
    return arrived;
  }

  private static JsonNode json(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The reply is complete but for its last bytes. */
  synchronized void finished(ModelRequest request) {
    inFlight.remove(request);
    notifyAll();
  }

  /** The client has closed a connection: it abandons the calls that are in flight on it. */
  synchronized void clientGone(int connection, boolean reset) {
    long now = System.nanoTime();
    inFlight.stream()
        .filter(call -> call.connection() == connection)
        .forEach(call -> abandoned.add(new AbandonedCall(call.number(), now, reset)));
    serverClosed(connection);
  }

  /** The server has closed a connection: the calls in flight on it will get no reply. */
  synchronized void serverClosed(int connection) {
    inFlight.removeIf(call -> call.connection() == connection);
    notifyAll();
  }

  synchronized void sent(long bytes) {
    bytesSent += bytes;
  }

  synchronized long bytesSent() {
    return bytesSent;
  }

  synchronized boolean isBusy(int connection) {
    return inFlight.stream().anyMatch(call -> call.connection() == connection);
  }

  synchronized int connections() {
    return connections;
  }

  synchronized List<ModelRequest> calls() {
    return List.copyOf(calls);
  }

  synchronized List<AbandonedCall> abandoned() {
    return List.copyOf(abandoned);
  }

  synchronized int inFlight() {
    return inFlight.size();
  }

  synchronized int mostInFlight() {
    return mostInFlight;
  }

  /** Waits until the condition holds, or throws an assertion error. */
  synchronized void await(String what, Duration max, BooleanSupplier condition) {
    long end = System.nanoTime() + max.toNanos();
    try {
      while (!condition.getAsBoolean()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("not within " + max + ": " + what + "; " + this);
        }
        // A millisecond more: a wait of 0 would have no limit.
        wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while awaiting: " + what, e);
    }
  }

  @Override
  public synchronized String toString() {
    return "seen: %d connections, %d calls, %d of them in flight, %d abandoned by the client"
        .formatted(connections, calls.size(), inFlight.size(), abandoned.size());
  }
}
