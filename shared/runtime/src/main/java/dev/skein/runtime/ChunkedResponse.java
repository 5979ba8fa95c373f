package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A response that is sent as it is written. Meanwhile a thread listens: whatever the Runtime API
 * sends before the end means that the caller has disconnected, and what it sends after the end is
 * its confirmation. The same thread enforces the time limit, as the timeout of its read.
 */
final class ChunkedResponse extends HandlerResponse {
  private static final int SEPARATOR = 8;

  /** Reused: a new platform thread for each response would take a tenth of its CPU time. */
  private static final Executor LISTENERS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().name("response-listener").daemon().factory());

  /** A chunk is copied once; a larger piece of the body is several of them. */
  private static final int MAX_CHUNK = 64 * 1024;

  /** A response is writable while it is OPEN; all states but OPEN and ENDING are final. */
  private enum State {
    /** The handler may begin the response, and write to it. */
    OPEN(""),

    /** The handler has returned, and the end of the body was sent: its confirmation is awaited. */
    ENDING("the response has ended"),

    /** The wait for the confirmation is over, or nothing was begun that could be confirmed. */
    ENDED("the response has ended"),

    DISCONNECTED("the caller has disconnected"),
    TIMED_OUT("the response's time limit has passed"),
    LOST("the connection to the Runtime API was lost");

    private final String reason;

    State(String reason) {
      this.reason = reason;
    }
  }

  /** Held during one write at a time; never by the thread that ends a blocked write. */
  private final Object writing = new Object();

  private State state = State.OPEN;

  /** Null until the response has begun. */
  private @Nullable RuntimeApiConnection connection;

  /** What the Runtime API sent after the end; null if it sent nothing. */
  private @Nullable RuntimeApiResponse confirmation;

  ChunkedResponse(InvocationEvent invocation, RuntimeApiClient api, RuntimeLog log) {
    super(invocation, api, log);
  }

  @Override
  public OutputStream begin(int status, Map<String, String> headers) throws IOException {
    synchronized (writing) {
      markBegun(status);
      if (timeLeftMs() == 0) {
        breakOff(State.TIMED_OUT);
      }
      checkOpen();
      byte[] prelude =
          JsonText.response(status, headers, 256).end().getBytes(StandardCharsets.US_ASCII);
      open(Arrays.copyOf(prelude, prelude.length + SEPARATOR));
      return new Body();
    }
  }

  private void open(byte[] first) throws IOException {
    RuntimeApiConnection opened;
    try {
      opened = api.stream(invocation, first);
    } catch (IOException e) {
      breakOff(State.LOST);
      throw broken();
    }
    synchronized (this) {
      connection = opened;
    }
    LISTENERS.execute(new Listener(opened));
  }

  @Override
  void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    synchronized (writing) {
      checkNotFailed();
      RuntimeApiConnection target = Objects.requireNonNull(checkOpen());
      if (length == 0) {
        // A chunk without bytes would be the end.
        return;
      }
      try {
        for (int sent = 0; sent < length; sent += MAX_CHUNK) {
          target.write(Chunk.of(bytes, offset + sent, Math.min(MAX_CHUNK, length - sent)));
        }
      } catch (IOException e) {
        breakOff(State.DISCONNECTED);
        throw broken();
      }
    }
  }

  @Override
  void end(@Nullable ErrorReport thrown) {
    ErrorReport failure = failure() != null ? failure() : thrown;
    sendEnd(failure == null ? Chunk.end() : Chunk.brokenEnd(failure));
    State last = awaitConfirmation();
    if (last != State.ENDED) {
      log.warn("response_broken", invocation, last.reason);
    }
    if (connection == null) {
      failInvocation(failure(), thrown);
    } else if (last != State.ENDED) {
      api.discard();
    } else {
      api.settle(invocation, confirmation);
    }
  }

  private void sendEnd(byte[] end) {
    synchronized (writing) {
      RuntimeApiConnection target = endHandling();
      if (target != null) {
        try {
          target.write(end);
        } catch (IOException e) {
          target.close();
        }
      }
    }
  }

  /** Makes later writes fail; returns the connection if the end of the body can be sent. */
  private synchronized @Nullable RuntimeApiConnection endHandling() {
    if (state != State.OPEN) {
      return null;
    }
    state = connection == null ? State.ENDED : State.ENDING;
    return connection;
  }

  /** Waits for the final state, which a caller who does not read delays up to the time limit. */
  private synchronized State awaitConfirmation() {
    boolean interrupted = false;
    while (state == State.ENDING) {
      try {
        wait();
      } catch (InterruptedException e) {
        // It was meant for the handler, which has returned.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return state;
  }

  /** Makes later writes fail, and ends a blocked one. The first reason counts. */
  private synchronized void breakOff(State reason) {
    if (state == State.OPEN || state == State.ENDING) {
      state = reason;
      notifyAll();
    }
    if (connection != null) {
      connection.close();
    }
  }

  /** The connection, or null before the response has begun. */
  private synchronized @Nullable RuntimeApiConnection checkOpen() throws BrokenResponseException {
    if (state != State.OPEN) {
      throw broken();
    }
    return connection;
  }

  private synchronized BrokenResponseException broken() {
    return new BrokenResponseException(state.reason);
  }

  private final class Listener implements Runnable {
    private final RuntimeApiConnection source;

    private Listener(RuntimeApiConnection source) {
      this.source = source;
    }

    @Override
    public void run() {
      try {
        // At least 1: a timeout of 0 would be no limit.
        finish(source.read(Math.max(timeLeftMs(), 1)));
      } catch (SocketTimeoutException e) {
        breakOff(State.TIMED_OUT);
      } catch (IOException e) {
        finish(null);
      }
    }

    private void finish(@Nullable RuntimeApiResponse received) {
      synchronized (ChunkedResponse.this) {
        if (state == State.ENDING) {
          confirmation = received;
          state = State.ENDED;
          ChunkedResponse.this.notifyAll();
          return;
        }
        breakOff(State.DISCONNECTED);
      }
      runDisconnectTask();
    }
  }
}
