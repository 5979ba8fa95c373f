package dev.skein.faults;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/**
 * One accepted connection. One thread reads all the time, so that a client that goes is noticed
 * while its answer is held; another plays the replies, in the requests' order.
 */
final class Connection {
  private static final int PIECE = 8192;

  private final int number;
  private final Socket socket;
  private final Ledger ledger;
  private final Function<ModelRequest, List<Step>> answers;
  private final BlockingQueue<ModelRequest> pending = new LinkedBlockingQueue<>();
  private volatile boolean closedByUs;
  private volatile boolean abandoned;

  Connection(int number, Socket socket, Ledger ledger, Function<ModelRequest, List<Step>> answers) {
    this.number = number;
    this.socket = socket;
    this.ledger = ledger;
    this.answers = answers;
  }

  /** Serves requests until one side closes; every thread has ended when this returns. */
  void serve() {
    Thread player = Thread.ofVirtual().start(this::play);
    try {
      socket.setTcpNoDelay(true);
      var reader = new RequestReader(socket.getInputStream());
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        if (!abandoned) {
          pending.add(ledger.arrived(number, next.get()));
        }
      }
      clientGone(false);
    } catch (ProtocolException e) {
      refuse(e);
    } catch (IOException e) {
      clientGone(!(e instanceof EOFException));
    } finally {
      player.interrupt();
      joinQuietly(player);
      close();
    }
  }

  private void play() {
    try {
      boolean open = true;
      while (open) {
        ModelRequest request = pending.take();
        open = play(request, answers.apply(request));
      }
      close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the reader has ended, and so does this
    } catch (IOException e) {
      clientGone(true);
      close();
    }
  }

  /**
   * A call counts as finished just before its last bytes are written: a client that has its whole
   * answer never finds the call still in flight.
   *
   * @return whether the connection stays open
   */
  private boolean play(ModelRequest request, List<Step> steps)
      throws IOException, InterruptedException {
    int last = steps.size() - 1;
    while (last >= 0 && steps.get(last).ends()) {
      last--;
    }
    for (int i = 0; i < last; i++) {
      perform(steps.get(i));
    }
    if (last >= 0) {
      performLast(steps.get(last), request);
    }
    ledger.finished(request);
    for (Step end : steps.subList(last + 1, steps.size())) {
      perform(end);
    }
    boolean asked = "close".equalsIgnoreCase(request.headers().get("connection"));
    return last == steps.size() - 1 && !asked;
  }

  private void performLast(Step step, ModelRequest request)
      throws IOException, InterruptedException {
    if (step instanceof Step.Send(byte[] bytes)) {
      int tail = Math.max(0, bytes.length - PIECE);
      write(bytes, 0, tail);
      ledger.finished(request);
      write(bytes, tail, bytes.length - tail);
    } else {
      perform(step);
    }
  }

  private void perform(Step step) throws IOException, InterruptedException {
    switch (step) {
      case Step.Send(byte[] bytes) -> write(bytes, 0, bytes.length);
      case Step.SendForever(byte[] bytes) -> {
        while (true) {
          write(bytes, 0, bytes.length);
        }
      }
      case Step.Pause(var time) -> Thread.sleep(time);
      case Step.Await(var latch) -> latch.await();
      case Step.Hang() -> new CountDownLatch(1).await();
      case Step.Close() -> close();
      case Step.Reset() -> abort();
    }
  }

  private void write(byte[] bytes, int from, int length) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes, from, length);
    out.flush();
    ledger.sent(length);
  }

  private void clientGone(boolean reset) {
    if (!closedByUs) {
      ledger.clientGone(number, reset);
    }
  }

  private void refuse(ProtocolException reason) {
    try {
      byte[] answer = ScriptedReply.json(400, "").headWithLength();
      write(answer, 0, answer.length);
      System.err.println(
          "scripted model: not a request on connection " + number + ": " + reason.getMessage());
    } catch (IOException e) {
      clientGone(true);
    }
  }

  /** Drops the connection unless a request waits for its answer; returns whether it did. */
  boolean dropIfIdle(ScriptedModel.Drop how) {
    if (abandoned || ledger.isBusy(number)) {
      return false;
    }
    switch (how) {
      case FIN -> close();
      case RST -> abort();
      case SILENT -> abandoned = true;
    }
    return true;
  }

  private void abort() {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException e) {
      // the other side was faster
    }
    close();
  }

  /** Closes the socket; the threads end by themselves. */
  void close() {
    closedByUs = true;
    try {
      socket.close();
    } catch (SocketException e) {
      // the other side was faster
    } catch (IOException e) {
      throw new IllegalStateException("a socket does not close", e);
    }
    ledger.serverClosed(number);
  }

  private static void joinQuietly(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
