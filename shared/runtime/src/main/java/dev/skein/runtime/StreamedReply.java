package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response that leaves as it is written. While it does, a thread listens: whatever the Runtime
 * API says before the end means that the caller has gone, and what it says after the end is the
 * answer. A second thread keeps the time limit, if there is one. Both are platform threads: a
 * virtual one would load the scheduler's classes into the cold start, and make the socket
 * non-blocking for everybody.
 */
final class StreamedReply extends Reply {
  private static final int SEPARATOR = 8;
  private static final String GONE = "the caller has gone";
  private static final String TIME_UP = "the response's time limit has passed";

  /** Held for one write at a time; never taken by those who end what a write waits for. */
  private final Object writing = new Object();

  private final List<Runnable> tasks = new ArrayList<>();
  private @Nullable Connection connection;
  private @Nullable Thread timer;
  private @Nullable Answer answer;
  private @Nullable String broken;
  private boolean heard;
  private boolean begun;
  private boolean ended;
  private boolean released;
  private long deadline;

  StreamedReply(String requestId, RuntimeClient api, RuntimeLog log) {
    super(requestId, api, log);
  }

  /** Refuses what no handler may ask for. */
  static void check(int status, boolean begunBefore) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("a response's status is 200 to 599, not " + status);
    }
    if (begunBefore) {
      throw new IllegalStateException("the response was begun before");
    }
  }

  @Override
  public OutputStream begin(int status, Map<String, String> headers) throws IOException {
    synchronized (writing) {
      check(status, hasBegun());
      checkWhole();
      byte[] prelude =
          JsonText.response(status, headers, 256).end().getBytes(StandardCharsets.US_ASCII);
      byte[] first = new byte[prelude.length + SEPARATOR];
      System.arraycopy(prelude, 0, first, 0, prelude.length);
      begin(first);
      return new Body();
    }
  }

  private void begin(byte[] first) throws IOException {
    Connection line;
    try {
      line = api.stream(requestId, first);
    } catch (IOException e) {
      breakOff("the connection to the Runtime API was lost");
      throw new BrokenResponseException("the connection to the Runtime API was lost");
    }
    Thread thread = daemon("response-listener", new Listener(line));
    synchronized (this) {
      begun = true;
      connection = line;
      if (broken != null) {
        line.close();
      }
    }
    thread.start();
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
  void end(@Nullable Failure thrown) {
    Failure failure = failure() != null ? failure() : thrown;
    Answer last = null;
    if (endHandling() && hasBegun()) {
      last = finish(failure == null ? Chunk.end() : Chunk.brokenEnd(failure));
    }
    String why = release();
    if (last != null) {
      api.settle(requestId, last);
      return;
    }
    if (why != null) {
      log.warn("response_broken", requestId, why);
    }
    if (!hasBegun()) {
      failInvocation(failure(), thrown);
    } else if (why != null) {
      api.discard();
    } else {
      api.settle(requestId, null);
    }
  }

  /** Nothing more is written by the handler; false when the response is broken already. */
  private synchronized boolean endHandling() {
    ended = true;
    return broken == null;
  }

  private @Nullable Answer finish(byte[] last) {
    try {
      synchronized (writing) {
        line().write(last);
      }
    } catch (IOException e) {
      line().close();
    }
    return awaitAnswer();
  }

  /** The time limit goes on: the Runtime API may wait for a caller who does not read. */
  private synchronized @Nullable Answer awaitAnswer() {
    boolean interrupted = false;
    while (!heard) {
      try {
        wait();
      } catch (InterruptedException e) {
        // It was meant for the handler, and that has returned.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return answer;
  }

  /** Ends the time limit; returns what has broken the response, or null. */
  private synchronized @Nullable String release() {
    released = true;
    notifyAll();
    return broken;
  }

  private synchronized boolean hasBegun() {
    return begun;
  }

  private synchronized Connection line() {
    return Objects.requireNonNull(connection);
  }

  private void checkWhole() throws IOException {
    if (failure() != null) {
      throw new BrokenResponseException("the response was failed");
    }
    synchronized (this) {
      if (broken != null || ended) {
        throw new BrokenResponseException(broken != null ? broken : "the response has ended");
      }
    }
  }

  /** Makes later writes fail, and ends one that waits; true when the response was whole so far. */
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

  private void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    synchronized (writing) {
      checkWhole();
      if (length == 0) {
        // A chunk without bytes would be the end.
        return;
      }
      try {
        line().write(Chunk.of(bytes, offset, length));
      } catch (IOException e) {
        // The listener learns of it too, and tells those who want to know.
        line().close();
        checkWhole();
        throw new BrokenResponseException(GONE);
      }
    }
  }

  private static Thread daemon(String name, Runnable run) {
    Thread thread = new Thread(null, run, name);
    thread.setDaemon(true);
    return thread;
  }

  private final class Body extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      StreamedReply.this.write(bytes, offset, length);
    }
  }

  private final class Listener implements Runnable {
    private final Connection line;

    private Listener(Connection line) {
      this.line = line;
    }

    @Override
    public void run() {
      Answer last;
      try {
        last = line.read();
      } catch (IOException e) {
        last = null;
      }
      List<Runnable> toRun;
      synchronized (StreamedReply.this) {
        answer = last;
        heard = true;
        StreamedReply.this.notifyAll();
        if (ended || !breakOff(GONE)) {
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
        try {
          task.run();
        } catch (Throwable e) { // one fault keeps no other task from running
          log.fault("disconnect_task_failed", requestId, e);
        }
      }
    }
  }

  private final class Timer implements Runnable {
    @Override
    public void run() {
      synchronized (StreamedReply.this) {
        try {
          while (!released) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
              breakOff(TIME_UP);
              return;
            }
            // A millisecond more, for a wait of zero is forever.
            StreamedReply.this.wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
          }
        } catch (InterruptedException e) {
          breakOff("the response's timer was interrupted");
        }
      }
    }
  }
}
