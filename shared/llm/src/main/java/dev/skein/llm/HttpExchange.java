package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.Transport.Signal;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of {@code java.net.http}, whose callbacks become signals in a mailbox. Its future is
 * kept, because cancelling it closes the connection.
 */
final class HttpExchange implements Transport.Exchange {
  private final Mailbox<Signal> signals;
  private final CompletableFuture<?> response;
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean complete;
  private boolean pieceWanted;

  private HttpExchange(HttpClient http, HttpRequest request, Mailbox<Signal> signals) {
    this.signals = signals;
    this.response = http.sendAsync(request, Body::new);
  }

  /** Sends {@code request}. */
  static HttpExchange open(HttpClient http, HttpRequest request, Mailbox<Signal> signals) {
    var exchange = new HttpExchange(http, request, signals);
    var _ =
        exchange.response.whenComplete(
            (_, failure) -> {
              if (failure != null) {
                signals.post(new Signal.Failed(withoutReply(failure)));
              }
            });
    return exchange;
  }

  @Override
  public Signal next(Duration limit) {
    var body = subscription;
    if (pieceWanted && body != null) {
      body.request(1);
    }
    Signal signal = signals.poll(limit);
    pieceWanted = signal instanceof Signal.Piece;
    return signal == null ? new Signal.Silence() : signal;
  }

  @Override
  public void close() {
    // Posted first, because cancelling is reported as a failure.
    signals.post(new Signal.Closed());
    if (!complete) {
      response.cancel(true);
    }
  }

  private static AttemptResult withoutReply(Throwable failure) {
    boolean headBegun = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case SSLException _ -> {
          return new AttemptResult.Unreached(Cause.TLS);
        }
        case ConnectException _, HttpConnectTimeoutException _, UnresolvedAddressException _ -> {
          return new AttemptResult.Unreached(Cause.CONNECT);
        }
        case ProtocolException _ -> {
          return new AttemptResult.Garbled();
        }
        // The JDK has no type for "a part of the head was received": it says so only by appending
        // its parser's state to the message of the cause.
        default -> headBegun |= String.valueOf(cause.getMessage()).contains("parser state");
      }
    }
    return headBegun
        ? new AttemptResult.BrokenOff("the connection ended inside the reply's head")
        : new AttemptResult.Unreached(Cause.CLOSED);
  }

  private final class Body implements BodySubscriber<@Nullable Void> {
    private final ResponseInfo info;
    private final CompletableFuture<@Nullable Void> body = new CompletableFuture<>();

    private Body(ResponseInfo info) {
      this.info = info;
    }

    @Override
    public CompletionStage<@Nullable Void> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription bytes) {
      subscription = bytes;
      signals.post(new Signal.Head(info.statusCode(), info.headers()));
      // Often the rest comes with it: then the reader is woken only once.
      bytes.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      signals.post(new Signal.Piece(bytes));
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      complete = true;
      body.complete(null);
      signals.post(new Signal.End());
    }
  }
}
