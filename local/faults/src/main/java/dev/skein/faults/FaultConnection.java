package dev.skein.faults;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/**
 * One accepted connection. One thread always reads, so that a client's close is noticed while its
 * response is held back; another plays the replies, in the order of the requests.
 */
final class FaultConnection {
  private static final int MAX_BODY = 16 * 1024 * 1024;
  private static final int LAST_PIECE = 8192;

  private final int number;
  private final HttpConnection connection;
  private final Ledger ledger;
  private final Function<ModelRequest, List<Step>> replies;
  private final BlockingQueue<ModelRequest> pending = new LinkedBlockingQueue<>();
  private volatile boolean abandoned;

  FaultConnection(
      HttpConnection connection, Ledger ledger, Function<ModelRequest, List<Step>> replies) {
    this.number = ledger.connected();
    this.connection = connection;
    this.ledger = ledger;
    this.replies = replies;
  }

  /** Serves requests until either end closes; both threads are done when this returns. */
  void serve() throws InterruptedException {
    Thread player = Thread.ofVirtual().start(this::play);
    try {
      Optional<IncomingRequest> next = connection.nextRequest();
      while (next.isPresent()) {
        String body = body(next.get());
        if (!abandoned) {
          pending.add(ledger.arrived(number, connection.remotePort(), next.get(), body));
        }
        next = connection.nextRequest();
      }
      clientGone(false);
    } catch (ProtocolException e) {
      refuse(e);
    } catch (IOException e) {
      clientGone(!(e instanceof EOFException));
    } finally {
      player.interrupt();
      player.join();
      close();
    }
  }

  private static String body(IncomingRequest request) throws IOException {
    byte[] body = request.body().readNBytes(MAX_BODY);
    if (!request.body().isEnded() && request.body().read() >= 0) {
      throw new ProtocolException("a body of more than " + MAX_BODY + " bytes");
    }
    return new String(body, StandardCharsets.UTF_8);
  }

  private void play() {
    try {
      boolean open = true;
      while (open) {
        ModelRequest request = pending.take();
        open = play(request, replies.apply(request));
      }
    } catch (InterruptedException e) {
      return; // The reader has ended, and closes.
    } catch (IOException e) {
      clientGone(true);
    }
    close();
  }

  /**
   * A call counts as finished just before its last bytes are written: a client that has its whole
   * response never finds the call still in flight.
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
    boolean close = "close".equalsIgnoreCase(request.headers().get("connection"));
    return last == steps.size() - 1 && !close;
  }

  private void performLast(Step step, ModelRequest request)
      throws IOException, InterruptedException {
    if (step instanceof Step.Send(byte[] bytes)) {
      int tail = Math.max(0, bytes.length - LAST_PIECE);
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
      case Step.Reset() -> reset();
    }
  }

  private void write(byte[] bytes, int from, int length) throws IOException {
    connection.write(bytes, from, length);
    ledger.sent(length);
  }

  private void refuse(ProtocolException reason) {
    System.err.println(
        "scripted model: bad request on connection " + number + ": " + reason.getMessage());
    try {
      connection.respondJson("400 Bad Request", new byte[0]);
    } catch (IOException e) {
      clientGone(true);
    }
  }

  /** Drops the connection unless a request waits for its reply; returns whether it did. */
  boolean dropIfIdle(ScriptedModel.Drop how) {
    if (abandoned || ledger.isBusy(number)) {
      return false;
    }
    switch (how) {
      case FIN -> close();
      case RST -> reset();
      case SILENT -> abandoned = true;
    }
    return true;
  }

  boolean isSilent() {
    return abandoned;
  }

  /** Unless it was closed here. */
  private void clientGone(boolean reset) {
    if (!connection.isClosed()) {
      ledger.clientGone(number, reset);
    }
  }

  private void reset() {
    connection.reset();
    ledger.serverClosed(number);
  }

  private void close() {
    connection.close();
    ledger.serverClosed(number);
  }
}
