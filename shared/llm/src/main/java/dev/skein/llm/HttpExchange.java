package dev.skein.llm;

import dev.skein.llm.Attempt.Cause;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.Transport.Listener;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of {@code java.net.http}. Its future is kept: the JDK hands the cancellation of that
 * one, and of no other, on to the connection.
 */
final class HttpExchange implements Transport.Exchange {
  /** How long a stream that has said all may take to end, so that its connection is kept. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final HttpClient http;
  private final HttpRequest message;
  private final Optional<StreamedReply> stream;
  private final Timer timer;
  private final Listener listener;
  private final AtomicBoolean over = new AtomicBoolean();
  private final CompletableFuture<Void> body = new CompletableFuture<>();
  private volatile @Nullable Future<?> sent;

  /** Whether the answer was faster than the assignment of {@link #sent}, and no good. */
  private volatile boolean cancelled;

  private volatile @Nullable ReplyReader reader;
  private volatile Flow.@Nullable Subscription subscription;

  /**
   * An exchange that has not begun.
   *
   * @param stream reads the reply if it is a stream; empty when none was asked for
   */
  HttpExchange(
      HttpClient http,
      HttpRequest message,
      Optional<StreamedReply> stream,
      Timer timer,
      Listener listener) {
    this.http = http;
    this.message = message;
    this.stream = stream;
    this.timer = timer;
    this.listener = listener;
  }

  @Override
  public void start() {
    if (over.get()) {
      return;
    }
    var response = http.sendAsync(message, this::head);
    sent = response;
    if (cancelled) {
      response.cancel(true);
    }
    var _ =
        response.whenComplete(
            (_, failure) -> {
              if (failure != null) {
                failed(failure);
              }
            });
  }

  @Override
  public void more() {
    var body = subscription;
    if (body != null) {
      body.request(1);
    }
  }

  @Override
  public void close() {
    if (over.compareAndSet(false, true)) {
      cancel();
    }
  }

  @Override
  public Attempt abandon() {
    close();
    return broken(new Attempt.Unreached(Cause.SILENT), "the reply stalled");
  }

  private void cancel() {
    cancelled = true;
    var response = sent;
    if (response != null) {
      response.cancel(true);
    }
  }

  private void ended(Attempt attempt) {
    if (over.compareAndSet(false, true)) {
      listener.ended(attempt);
    }
  }

  private BodySubscriber<Void> head(ResponseInfo head) {
    // A server that does not stream answers whole, whatever it was asked for.
    boolean streams =
        head.statusCode() == 200
            && !OpenAiReply.isCompressed(head.headers())
            && head.headers()
                .firstValue("content-type")
                .filter(type -> type.contains("json"))
                .isEmpty();
    ReplyReader chosen =
        stream
            .<ReplyReader>map(it -> it)
            .filter(_ -> streams)
            .orElseGet(() -> new WholeReply(head.statusCode(), head.headers()));
    reader = chosen;
    listener.head();
    return new Body(chosen);
  }

  private void failed(Throwable failure) {
    ended(broken(unanswered(failure), "the connection ended inside the reply"));
  }

  /** What it comes to without an answer, or with a part of one. */
  private Attempt broken(Attempt unanswered, String what) {
    var begun = reader;
    if (begun == null) {
      return unanswered;
    }
    synchronized (begun) {
      return begun.brokenOff(what);
    }
  }

  private static Attempt unanswered(Throwable failure) {
    boolean headBegun = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case SSLException _ -> {
          return new Attempt.Unreached(Cause.TLS);
        }
        case ConnectException _, HttpConnectTimeoutException _, UnresolvedAddressException _ -> {
          return new Attempt.Unreached(Cause.CONNECT);
        }
        case ProtocolException _ -> {
          return new Attempt.Garbled();
        }
        // The JDK tells nowhere else that a part of the head had come.
        default -> headBegun |= String.valueOf(cause.getMessage()).contains("parser state");
      }
    }
    return headBegun
        ? new Attempt.BrokenOff("the connection ended inside the reply's head")
        : new Attempt.Unreached(Cause.CLOSED);
  }

  /** Reads a piece whenever it is asked to, so that a slow reader holds the provider back. */
  private final class Body implements BodySubscriber<Void> {
    private final ReplyReader reading;
    private boolean draining;

    private Body(ReplyReader reading) {
      this.reading = reading;
    }

    @Override
    public CompletionStage<Void> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription bytes) {
      subscription = bytes;
      bytes.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      if (draining) {
        // What follows the end mark is no reply, and this connection no good.
        cancel();
        return;
      }
      var pieces = new ArrayList<Delta>();
      Optional<Attempt> verdict = read(buffers, pieces);
      if (verdict.isEmpty()) {
        listener.read(pieces, reading.finishing());
        return;
      }
      if (!pieces.isEmpty()) {
        listener.read(pieces, true);
      }
      if (verdict.get() instanceof Attempt.Streamed(LlmOutcome.Completed _)) {
        drain();
        ended(verdict.get());
      } else {
        // First, or the cancellation would be told as the end.
        ended(verdict.get());
        cancel();
      }
    }

    /** The timer may abandon the reply while it is being read. */
    private Optional<Attempt> read(List<ByteBuffer> buffers, List<Delta> pieces) {
      synchronized (reading) {
        for (var buffer : buffers) {
          if (reading.verdict().isEmpty()) {
            pieces.addAll(reading.read(buffer));
          }
        }
        return reading.verdict();
      }
    }

    private void drain() {
      draining = true;
      var end = timer.after(DRAIN, HttpExchange.this::cancel);
      var _ = body.whenComplete((_, _) -> end.cancel(false));
      more();
    }

    @Override
    public void onError(Throwable cause) {
      body.completeExceptionally(cause);
      failed(cause);
    }

    @Override
    public void onComplete() {
      body.complete(null);
      ended(reading.ended());
    }
  }
}
