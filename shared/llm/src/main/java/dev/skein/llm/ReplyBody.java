package dev.skein.llm;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects a body of bounded size into an {@link Attempt}. */
final class ReplyBody implements BodySubscriber<Attempt> {
  /** No completion that we ask for comes near it. */
  static final int MAX_BYTES = 1 << 20;

  private final int status;
  private final HttpHeaders headers;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
  private final CompletableFuture<Attempt> attempt = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  ReplyBody(int status, HttpHeaders headers) {
    this.status = status;
    this.headers = headers;
  }

  @Override
  public CompletionStage<Attempt> getBody() {
    return attempt;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (var buffer : buffers) {
      if (bytes.size() + buffer.remaining() > MAX_BYTES) {
        if (subscription != null) {
          subscription.cancel();
        }
        attempt.complete(new Attempt.TooLarge());
        return;
      }
      byte[] chunk = new byte[buffer.remaining()];
      buffer.get(chunk);
      bytes.writeBytes(chunk);
    }
  }

  @Override
  public void onError(Throwable cause) {
    attempt.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    attempt.complete(new Attempt.Answered(status, headers, ByteBuffer.wrap(bytes.toByteArray())));
  }
}
