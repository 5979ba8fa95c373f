package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Handlers for processes of the runtime. */
public final class ChildHandlers {
  private ChildHandlers() {}

  /** Responds with its event. */
  public static final class Echo implements StreamingHandler {
    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      response.begin(200, Map.of()).write(event.readAllBytes());
    }
  }

  /** Begins a response, and ends it when the process is terminated, unless the event is "never". */
  public static final class Waiting implements StreamingHandler {
    private final CountDownLatch terminated = new CountDownLatch(1);

    /** Registers for the end of the process. */
    public Waiting() {
      Runtime.getRuntime().addShutdownHook(new Thread(terminated::countDown));
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      OutputStream body = response.begin(200, Map.of());
      try {
        terminated.await();
        if (event.available() == "never".length()) {
          new CountDownLatch(1).await();
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      body.write("goodbye".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  /** Responds with how often it was created and closed. */
  public static final class Counted implements StreamingHandler {
    private static final AtomicInteger CREATED = new AtomicInteger();
    private static final AtomicInteger CLOSED = new AtomicInteger();

    /** Fails as the instance whose number is FAILING. */
    public Counted() {
      int number = CREATED.incrementAndGet();
      if (Integer.toString(number).equals(System.getenv("FAILING"))) {
        throw new IllegalArgumentException("COUNTED_LIMIT must be a number.");
      }
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      String text =
          "created=%s closed=%s before=%s restored=%s"
              .formatted(CREATED, CLOSED, SnapStart.isBeforeSnapshot(), SnapStart.isRestored());
      response.begin(200, Map.of()).write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
      if (System.getenv("CLOSE_FAILS") != null) {
        throw new IllegalStateException("the cache cannot be closed");
      }
    }
  }

  /** Fails in a way that ends its process. */
  public static final class OutOfMemory implements StreamingHandler {
    @Override
    public void handle(InputStream event, StreamingResponse response, Context context) {
      throw new OutOfMemoryError();
    }
  }

  /** Cannot be created. */
  public static final class Misconfigured implements StreamingHandler {
    /** Always fails. */
    public Misconfigured() {
      throw new IllegalArgumentException("CHAT_LIMIT must be a number.");
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context) {}
  }

  /** Cannot be loaded. */
  public static final class StaticallyMisconfigured implements StreamingHandler {
    private static final int LIMIT = limit();

    private static int limit() {
      throw new IllegalArgumentException("STATIC_LIMIT must be a number.");
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      response.begin(LIMIT, Map.of());
    }
  }

  /** Has no public constructor. */
  public static final class Closed implements StreamingHandler {
    Closed() {}

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context) {}
  }

  /** Is abstract. */
  public abstract static class Unfinished implements StreamingHandler {
    /** Cannot be called. */
    public Unfinished() {}
  }
}
