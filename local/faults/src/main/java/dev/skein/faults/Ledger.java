package dev.skein.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the server has seen. Thread-safe; every change wakes those who await one. */
final class Ledger {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ModelRequest> calls = new ArrayList<>();
  private final List<ModelRequest> sideRequests = new ArrayList<>();
  private final Map<Integer, ModelRequest> inFlight = new TreeMap<>();
  private final List<AbandonedCall> closed = new ArrayList<>();
  private final AtomicLong bytesSent = new AtomicLong();
  private int connections;
  private int mostInFlight;

  static boolean isCall(String method, String path) {
    return method.equals("POST") && path.equals("/v1/chat/completions");
  }

  /** Counts a new connection, and numbers it. */
  int connected() {
    return change(() -> ++connections);
  }

  /** Notes a request whose last byte has been read, and numbers it. */
  ModelRequest arrived(int connection, RequestReader.Parsed parsed) {
    long now = System.nanoTime();
    JsonNode json = json(parsed.body());
    boolean call = isCall(parsed.method(), parsed.path());
    return change(
        () -> {
          List<ModelRequest> list = call ? calls : sideRequests;
          var request =
              new ModelRequest(
                  list.size() + 1,
                  connection,
                  parsed.method(),
                  parsed.path(),
                  parsed.headers(),
                  parsed.body(),
                  json,
                  now);
          list.add(request);
          if (call) {
            inFlight.put(request.number(), request);
            mostInFlight = Math.max(mostInFlight, inFlight.size());
          }
          return request;
        });
  }

  private static JsonNode json(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The answer is complete but for its last bytes. */
  void finished(ModelRequest request) {
    change(() -> inFlight.values().remove(request));
  }

  /** The client has gone: each call of this connection that is still in flight was given up. */
  void clientGone(int connection, boolean reset) {
    long now = System.nanoTime();
    change(
        () -> {
          inFlight.values().stream()
              .filter(request -> request.connection() == connection)
              .forEach(request -> closed.add(new AbandonedCall(request.number(), now, reset)));
          return drop(connection);
        });
  }

  /** The server has closed this connection: what is still in flight on it will not be answered. */
  void serverClosed(int connection) {
    change(() -> drop(connection));
  }

  private boolean drop(int connection) {
    return inFlight.values().removeIf(request -> request.connection() == connection);
  }

  void sent(long bytes) {
    bytesSent.addAndGet(bytes);
  }

  long bytesSent() {
    return bytesSent.get();
  }

  boolean isBusy(int connection) {
    return read(() -> inFlight.values().stream().anyMatch(call -> call.connection() == connection));
  }

  int connections() {
    return read(() -> connections);
  }

  List<ModelRequest> calls() {
    return read(() -> List.copyOf(calls));
  }

  List<ModelRequest> sideRequests() {
    return read(() -> List.copyOf(sideRequests));
  }

  List<AbandonedCall> closed() {
    return read(() -> List.copyOf(closed));
  }

  int inFlight() {
    return read(inFlight::size);
  }

  int mostInFlight() {
    return read(() -> mostInFlight);
  }

  /** The first value that is present within this time, else an assertion error. */
  <T> T await(String what, Duration max, Function<Ledger, Optional<T>> condition) {
    long left = max.toNanos();
    lock.lock();
    try {
      while (true) {
        Optional<T> met = condition.apply(this);
        if (met.isPresent()) {
          return met.get();
        }
        if (left <= 0) {
          throw new AssertionError("not within " + max + ": " + what + "; " + this);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while awaiting: " + what, e);
    } finally {
      lock.unlock();
    }
  }

  private <T> T change(Supplier<T> change) {
    lock.lock();
    try {
      T result = change.get();
      changed.signalAll();
      return result;
    } finally {
      lock.unlock();
    }
  }

  private <T> T read(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return read(
        () ->
            "seen: %d connections, %d calls, %d of them in flight, %d given up by the client"
                .formatted(connections, calls.size(), inFlight.size(), closed.size()));
  }
}
