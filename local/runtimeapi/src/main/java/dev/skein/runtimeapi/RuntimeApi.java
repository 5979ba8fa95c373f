package dev.skein.runtimeapi;

import dev.skein.http.HttpConnection;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The Lambda Runtime API (2018-06-01) of one execution environment, on a free port of 127.0.0.1:
 * the function's runtime asks it for the next event, and posts the result, whole or as a stream.
 * Thread-safe.
 */
public final class RuntimeApi implements AutoCloseable {

  /** The largest event, and the largest response that is not streamed, in bytes. */
  public static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  /** The error type of a stream whose connection broke. */
  public static final String TRUNCATED = "Runtime.TruncatedResponse";

  /** The error type of a stream whose reader closed it before its end. */
  public static final String ABANDONED = "Runtime.AbandonedResponse";

  private static final long STREAM_LIMIT = 200L * 1024 * 1024;

  /** Small, so that a runtime is soon held back when nobody reads its stream. */
  private static final int RECEIVE_BUFFER = 64 * 1024;

  private static final int BACKLOG = 128;

  private final String functionArn;
  private final Duration timeout;
  private final long streamLimit;
  private final LoopbackServer server;
  private final CompletableFuture<PostedResult.Failed> initError = new CompletableFuture<>();
  private final CompletableFuture<Snapshot> snapshot = new CompletableFuture<>();
  private final CompletableFuture<PostedResult.Failed> restoreError = new CompletableFuture<>();
  private final Object lock = new Object();
  private final Deque<PendingInvocation> waiting = new ArrayDeque<>();
  private final Map<String, PendingInvocation> inProgress = new HashMap<>();
  private CompletableFuture<PendingInvocation> asked = new CompletableFuture<>();

  private RuntimeApi(
      String functionArn, Duration timeout, long streamLimit, ServerSocket listener) {
    this.functionArn = functionArn;
    this.timeout = timeout;
    this.streamLimit = streamLimit;
    this.server = LoopbackServer.start(listener, Thread::startVirtualThread, this::serve);
  }

  /**
   * Opens one, which listens when this returns.
   *
   * @param functionArn given to the runtime with each event
   * @param timeout from handing out an event to the deadline that the runtime is given; nothing is
   *     ended here when it has passed
   */
  public static RuntimeApi open(String functionArn, Duration timeout) throws IOException {
    return open(functionArn, timeout, STREAM_LIMIT);
  }

  static RuntimeApi open(String functionArn, Duration timeout, long streamLimit)
      throws IOException {
    // Closed by the server that it is for.
    ServerSocket listener = new ServerSocket();
    listener.setReceiveBufferSize(RECEIVE_BUFFER);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    return new RuntimeApi(functionArn, timeout, streamLimit, listener);
  }

  /** The value of AWS_LAMBDA_RUNTIME_API: host and port. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /**
   * Completes when the runtime asks for an event; from {@link PendingInvocation#give} on, this is
   * another future, for the next one. Requests for an event are served in the order of arrival.
   */
  public CompletableFuture<PendingInvocation> asked() {
    synchronized (lock) {
      return asked;
    }
  }

  /** Completes when the runtime reports that the function could not be initialized. */
  public CompletableFuture<PostedResult.Failed> initError() {
    return initError;
  }

  /** Completes when the runtime, with SnapStart, is ready for the snapshot. */
  public CompletableFuture<Snapshot> snapshot() {
    return snapshot;
  }

  /** Completes when the runtime reports that the function could not be used after a restore. */
  public CompletableFuture<PostedResult.Failed> restoreError() {
    return restoreError;
  }

  /** Closes every connection; a stream in progress ends as {@link #TRUNCATED}. */
  @Override
  public void close() {
    server.close();
  }

  long streamLimit() {
    return streamLimit;
  }

  PendingInvocation ask(HttpConnection connection) {
    PendingInvocation invocation = new PendingInvocation(connection);
    PendingInvocation first;
    CompletableFuture<PendingInvocation> completed;
    synchronized (lock) {
      waiting.addLast(invocation);
      first = waiting.getFirst();
      completed = asked;
    }
    // Outside the lock, because dependent stages may run on this thread.
    completed.complete(first);
    return invocation;
  }

  /** The runtime that asked has closed its connection. */
  void withdraw(PendingInvocation invocation) {
    synchronized (lock) {
      if (waiting.remove(invocation)) {
        offerNext();
      }
    }
  }

  @Nullable PendingInvocation inProgress(String requestId) {
    synchronized (lock) {
      return inProgress.get(requestId);
    }
  }

  void complete(PendingInvocation invocation, PostedResult result) {
    synchronized (lock) {
      inProgress.remove(invocation.requestId());
    }
    invocation.result().complete(result);
  }

  void failInit(PostedResult.Failed error) {
    initError.complete(error);
  }

  void takeSnapshot(HttpConnection connection) {
    snapshot.complete(new Snapshot(connection));
  }

  void failRestore(PostedResult.Failed error) {
    restoreError.complete(error);
  }

  private void offerNext() {
    PendingInvocation next = waiting.peekFirst();
    asked = next == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(next);
  }

  private void serve(HttpConnection connection) throws IOException, InterruptedException {
    new RuntimeConnection(this, connection).serve();
  }

  private Map<String, String> headers(PendingInvocation turn, String trace) {
    long deadline = System.currentTimeMillis() + timeout.toMillis();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Lambda-Runtime-Aws-Request-Id", turn.requestId());
    headers.put("Lambda-Runtime-Deadline-Ms", Long.toString(deadline));
    headers.put("Lambda-Runtime-Invoked-Function-Arn", functionArn);
    headers.put("Lambda-Runtime-Trace-Id", trace);
    return headers;
  }

  /** A runtime that waits for the restore. */
  public static final class Snapshot {

    private final HttpConnection connection;

    private Snapshot(HttpConnection connection) {
      this.connection = connection;
    }

    /** Reports to the runtime that it has been restored. */
    public void restore() throws IOException {
      connection.respondJson("200 OK", "{}".getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A runtime's request for an event, and then the event's result. */
  public final class PendingInvocation {

    private final String requestId = UUID.randomUUID().toString();
    private final HttpConnection connection;
    private final CompletableFuture<PostedResult> result = new CompletableFuture<>();

    private PendingInvocation(HttpConnection connection) {
      this.connection = connection;
    }

    /** The id under which the runtime posts the result. */
    public String requestId() {
      return requestId;
    }

    /**
     * Hands out the event, once; returns at once. If the runtime has closed its connection, the
     * result is {@link PostedResult.Failed}.
     *
     * @param event not copied
     */
    public void give(byte[] event) {
      give(event, TraceId.next());
    }

    /**
     * As {@link #give(byte[])}, as a part of a trace.
     *
     * @param trace its X-Ray header
     */
    public void give(byte[] event, String trace) {
      synchronized (lock) {
        inProgress.put(requestId, this);
        if (waiting.remove(this)) {
          offerNext();
        }
      }
      Thread.ofVirtual().name("event " + requestId).start(() -> send(event, trace));
    }

    /** Completes with what the runtime posts, or never if its process ends before. */
    public CompletableFuture<PostedResult> result() {
      return result;
    }

    private void send(byte[] event, String trace) {
      try {
        connection.respond("200 OK", headers(this, trace), event);
      } catch (IOException e) {
        complete(this, new PostedResult.Failed("Runtime.Disconnected", "The runtime has gone."));
      }
    }
  }

  /** What a runtime posts for an event. */
  public sealed interface PostedResult {

    /**
     * A whole response.
     *
     * @param payload at most {@link #PAYLOAD_LIMIT} bytes; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Whole(byte[] payload) implements PostedResult {}

    /** An error, as the runtime describes it. */
    record Failed(String type, String message) implements PostedResult {}

    /** A whole response of more than {@link #PAYLOAD_LIMIT} bytes. */
    record TooLarge() implements PostedResult {}

    /**
     * A stream that has begun; at most 200 MiB.
     *
     * @param contentType as the runtime declares it, or empty
     * @param body reads from the runtime's connection, by one thread at a time, and throws nothing:
     *     it returns -1 at the end, whether the response is complete or not. Closing it early
     *     closes the runtime's connection.
     * @param end completes when {@code body} is read to its end or closed: empty if the response is
     *     complete, else the error, whose type is the runtime's, {@link #TRUNCATED} or {@link
     *     #ABANDONED}
     */
    record Streamed(String contentType, InputStream body, CompletableFuture<Optional<Failed>> end)
        implements PostedResult {}
  }
}
