package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response that leaves as it is written. Meanwhile a thread listens: whatever the Runtime API
 * sends before the end means that the caller has gone, and what it sends after the end is its
 * response. A second thread keeps the time limit, if there is one. Both are platform threads: a
 * virtual one would load the scheduler's classes into the cold start, and make the socket
 * non-blocking for everybody.
 */
final class ChunkedResponse extends HandlerResponse {
  private static final int SEPARATOR = 8;
  private static final String GONE = "the caller has gone";
  private static final String TIME_UP = "the response's time limit has passed";
  private static final String LOST = "the connection to the Runtime API was lost";

  /** Held for one write at a time; never by a thread that ends a blocked write. */
  private final Object writing = new Object();

  private final List<Runnable> tasks = new ArrayList<>();

  /** Null until the response has begun. */
  private @Nullable RuntimeApiConnection connection;

  private @Nullable Thread timer;
  private @Nullable RuntimeApiResponse confirmation;
  private @Nullable String broken;
  private boolean listened;
  private boolean ended;
  private boolean released;
  private long deadline;

  ChunkedResponse(String requestId, RuntimeApiClient api, RuntimeLog log) {
    super(requestId, api, log);
  }

  @Override
  public OutputStream begin(int status, Map<String, String> headers) throws IOException {
    synchronized (writing) {
      checkBegin(status, hasBegun());
      checkWritable();
      byte[] prelude =
          JsonText.response(status, headers, 256).end().getBytes(StandardCharsets.US_ASCII);
      begin(Arrays.copyOf(prelude, prelude.length + SEPARATOR));
      return new Body();
    }
  }

  private void begin(byte[] first) throws IOException {
    RuntimeApiConnection opened;
    try {
      opened = api.stream(requestId, first);
    } catch (IOException e) {
      breakOff(LOST);
      throw new BrokenResponseException(LOST);
    }
    synchronized (this) {
      connection = opened;
      if (broken != null) {
        opened.close();
      }
    }
    daemon("response-listener", new Listener(opened)).start();
  }

  @Override
  public void onDisconnect(Runnable task) {
    boolean late;
    synchronized (this) {
      late = GONE.equals(broken);
      if (!late) {
        tasks.add(task);
      }
    }
    if (late) {
      daemon("response-gone", new Tasks(List.of(task))).start();
    }
  }

  @Override
  public synchronized void limit(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
    notifyAll();
    if (timer == null && !released) {
      timer = daemon("response-limit", new Timer());
      timer.start();
    }
  }

  @Override
  void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    synchronized (writing) {
      checkWritable();
      if (length == 0) {
        // A chunk without bytes would be the end.
        return;
      }
      try {
        begun().write(Chunk.of(bytes, offset, length));
      } catch (IOException e) {
        // The listener sees it too, and runs the tasks.
        begun().close();
        checkWritable();
        throw new BrokenResponseException(GONE);
      }
    }
  }

  @Override
  void end(@Nullable ErrorReport thrown) {
    ErrorReport failure = failure() != null ? failure() : thrown;
    if (endHandling()) {
      finish(failure == null ? Chunk.end() : Chunk.brokenEnd(failure));
    }
    String why = release();
    if (why != null) {
      log.warn("response_broken", requestId, why);
    }
    if (!hasBegun()) {
      failInvocation(failure(), thrown);
    } else if (why != null) {
      api.discard();
    } else {
      api.settle(requestId, confirmation);
    }
  }

  /** From now on the handler writes nothing; whether an end can be sent. */
  private synchronized boolean endHandling() {
    ended = true;
    return broken == null && connection != null;
  }

  /** Sends the end and waits for its confirmation, which a caller who does not read holds back. */
  private void finish(byte[] end) {
    try {
      synchronized (writing) {
        begun().write(end);
      }
    } catch (IOException e) {
      begun().close();
    }
    awaitListener();
  }

  private synchronized void awaitListener() {
    boolean interrupted = false;
    while (!listened) {
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
  }

  /** Ends the time limit; returns what has broken the response, or null. */
  private synchronized @Nullable String release() {
    released = true;
    notifyAll();
    return confirmation == null ? broken : null;
  }

  private synchronized boolean hasBegun() {
    return connection != null;
  }

  private synchronized RuntimeApiConnection begun() {
    return Objects.requireNonNull(connection);
  }

  private void checkWritable() throws IOException {
    checkNotFailed();
    synchronized (this) {
      if (broken != null || ended) {
        throw new BrokenResponseException(broken != null ? broken : "the response has ended");
      }
    }
  }

  /** Makes later writes fail, and ends a blocked one; false when the response was broken before. */
  private synchronized boolean breakOff(String why) {
    boolean first = broken == null;
    if (first) {
      broken = why;
    }
    if (connection != null) {
      connection.close();
    }
    return first;
  }

  private static Thread daemon(String name, Runnable run) {
    Thread thread = new Thread(null, run, name);
    thread.setDaemon(true);
    return thread;
  }

  private final class Listener implements Runnable {
    private final RuntimeApiConnection source;

    private Listener(RuntimeApiConnection source) {
      this.source = source;
    }

    @Override
    public void run() {
      RuntimeApiResponse received;
      try {
        received = source.read();
      } catch (IOException e) {
        received = null;
      }
      List<Runnable> toRun;
      synchronized (ChunkedResponse.this) {
        listened = true;
        ChunkedResponse.this.notifyAll();
        if (ended) {
          confirmation = received;
          return;
        }
        if (!breakOff(GONE)) {
          return;
        }
        toRun = List.copyOf(tasks);
      }
      new Tasks(toRun).run();
    }
  }

  private final class Tasks implements Runnable {
    private final List<Runnable> toRun;

    private Tasks(List<Runnable> toRun) {
      this.toRun = toRun;
    }

    @Override
    public void run() {
      for (Runnable task : toRun) {
        var _ = ChunkedResponse.this.run(task, "disconnect_task_failed");
      }
    }
  }

  private final class Timer implements Runnable {
    @Override
    public void run() {
      synchronized (ChunkedResponse.this) {
        try {
          while (!released) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
              breakOff(TIME_UP);
              return;
            }
            // A millisecond more, because a wait of zero is forever.
            ChunkedResponse.this.wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
          }
        } catch (InterruptedException e) {
          breakOff("the response's timer was interrupted");
        }
      }
    }
  }
}
