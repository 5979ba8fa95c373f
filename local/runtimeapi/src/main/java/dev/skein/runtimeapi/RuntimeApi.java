package dev.skein.runtimeapi;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Lambda Runtime API (2018-06-01) for one environment, on a loopback port of its own: the
 * function's runtime asks here for its next event and posts what became of it, whole or as a
 * stream. Thread-safe.
 */
public final class RuntimeApi implements AutoCloseable {

  /** Bytes of the largest event and of the largest response that is not streamed. */
  public static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  /** The type of a stream's end when its connection broke. */
  public static final String TRUNCATED = "Runtime.TruncatedResponse";

  /** The type of a stream's end when whoever read it closed it before. */
  public static final String ABANDONED = "Runtime.AbandonedResponse";

  private static final long STREAM_LIMIT = 200L * 1024 * 1024;

  /** Small, so that a runtime soon feels it when nobody reads its stream. */
  private static final int RECEIVE_BUFFER = 64 * 1024;

  private static final int BACKLOG = 128;

  private final String functionArn;
  private final Duration timeout;
  private final long streamLimit;
  private final ServerSocket server;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<InvocationResult.Failed> initError = new CompletableFuture<>();
  private final Object lock = new Object();
  private final Deque<PendingInvocation> waiting = new ArrayDeque<>();
  private final Map<String, PendingInvocation> given = new HashMap<>();
  private CompletableFuture<PendingInvocation> asked = new CompletableFuture<>();

  private RuntimeApi(String functionArn, Duration timeout, long streamLimit, ServerSocket server) {
    this.functionArn = functionArn;
    this.timeout = timeout;
    this.streamLimit = streamLimit;
    this.server = server;
  }

  /**
   * Listens when it returns.
   *
   * @param functionArn what the runtime is told of itself
   * @param timeout from handing an event out to the deadline that the runtime is told; nothing is
   *     ended here when it has passed
   */
  public static RuntimeApi open(String functionArn, Duration timeout) throws IOException {
    return open(functionArn, timeout, STREAM_LIMIT);
  }

  static RuntimeApi open(String functionArn, Duration timeout, long streamLimit)
      throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReceiveBufferSize(RECEIVE_BUFFER);
    server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), BACKLOG);
    RuntimeApi api = new RuntimeApi(functionArn, timeout, streamLimit, server);
    Thread.ofVirtual().name("runtime api").start(api::accept);
    return api;
  }

  /** What AWS_LAMBDA_RUNTIME_API holds: host and port. */
  public String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /**
   * Completes when the runtime asks for an event. {@link PendingInvocation#give} takes that turn;
   * from then on this is another future, for the next. When several ask at once, they take turns in
   * the order of their asking.
   */
  public CompletableFuture<PendingInvocation> asked() {
    synchronized (lock) {
      return asked;
    }
  }

  /** Completes when the runtime reports that it could not initialise the function. */
  public CompletableFuture<InvocationResult.Failed> initError() {
    return initError;
  }

  /** Breaks every connection; a stream in flight ends as a truncated one. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // It is as closed as it can be.
    }
    connections.forEach(Connection::close);
  }

  long streamLimit() {
    return streamLimit;
  }

  PendingInvocation ask(Connection connection) {
    PendingInvocation turn = new PendingInvocation(connection);
    PendingInvocation first;
    CompletableFuture<PendingInvocation> told;
    synchronized (lock) {
      waiting.addLast(turn);
      first = waiting.getFirst();
      told = asked;
    }
    // Outside of the lock, since whoever waits may run on this thread.
    told.complete(first);
    return turn;
  }

  /** The runtime that asked has gone. */
  void withdraw(PendingInvocation turn) {
    synchronized (lock) {
      if (waiting.remove(turn)) {
        offerNext();
      }
    }
  }

  @Nullable PendingInvocation given(String requestId) {
    synchronized (lock) {
      return given.get(requestId);
    }
  }

  void answer(PendingInvocation turn, InvocationResult answer) {
    synchronized (lock) {
      given.remove(turn.requestId());
    }
    turn.result().complete(answer);
  }

  void failInit(InvocationResult.Failed error) {
    initError.complete(error);
  }

  private void offerNext() {
    PendingInvocation next = waiting.peekFirst();
    asked = next == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(next);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        // Closed by its connection's own thread.
        Socket socket = server.accept();
        Thread.ofVirtual().name("runtime connection").start(() -> serve(socket));
      } catch (IOException e) {
        // Either this is closed, or the peer was gone before it was here.
      }
    }
  }

  private void serve(Socket socket) {
    Connection connection = new Connection(this, socket);
    connections.add(connection);
    try {
      if (server.isClosed()) {
        connection.close();
      }
      connection.serve();
    } finally {
      connections.remove(connection);
    }
  }

  private Map<String, String> headers(PendingInvocation turn) {
    long deadline = System.currentTimeMillis() + timeout.toMillis();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Lambda-Runtime-Aws-Request-Id", turn.requestId());
    headers.put("Lambda-Runtime-Deadline-Ms", Long.toString(deadline));
    headers.put("Lambda-Runtime-Invoked-Function-Arn", functionArn);
    headers.put("Lambda-Runtime-Trace-Id", TraceId.next());
    return headers;
  }

  /** The runtime has asked for an event; whoever gives it one learns what became of it. */
  public final class PendingInvocation {

    private final String requestId = UUID.randomUUID().toString();
    private final Connection connection;
    private final CompletableFuture<InvocationResult> answer = new CompletableFuture<>();

    private PendingInvocation(Connection connection) {
      this.connection = connection;
    }

    /** The id under which the runtime answers. */
    public String requestId() {
      return requestId;
    }

    /**
     * Hands the event out, once; returns at once. When the runtime has gone meanwhile, the answer
     * is {@link InvocationResult.Failed}.
     *
     * @param event not copied
     */
    public void give(byte[] event) {
      synchronized (lock) {
        given.put(requestId, this);
        if (waiting.remove(this)) {
          offerNext();
        }
      }
      Thread.ofVirtual().name("event " + requestId).start(() -> send(event));
    }

    /** Completes with what the runtime answers, or never when its process ends before. */
    public CompletableFuture<InvocationResult> result() {
      return answer;
    }

    private void send(byte[] event) {
      try {
        connection.send(headers(this), event);
      } catch (IOException e) {
        RuntimeApi.this.answer(
            this, new InvocationResult.Failed("Runtime.Disconnected", "The runtime has gone."));
      }
    }
  }

  /** What a runtime answers to one event. */
  public sealed interface InvocationResult {

    /**
     * All of it at once.
     *
     * @param payload at most {@link #PAYLOAD_LIMIT} bytes; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Whole(byte[] payload) implements InvocationResult {}

    /** An error, as the runtime tells it. */
    record Failed(String type, String message) implements InvocationResult {}

    /** More than {@link #PAYLOAD_LIMIT} bytes at once. */
    record TooLarge() implements InvocationResult {}

    /**
     * A stream that has begun; at most 200 MiB.
     *
     * @param contentType what the runtime says the stream is; empty when it says nothing
     * @param body comes straight from the runtime's connection, and ends with -1 at its good end
     *     and at its bad one; it throws nothing, and one thread at a time reads it. Closing it
     *     before its end breaks the runtime's connection.
     * @param end completes by reading {@code body} to its end, or by closing it: empty after a good
     *     end; else what went wrong, of the runtime's type, {@link #TRUNCATED} or {@link
     *     #ABANDONED}
     */
    record Streamed(String contentType, InputStream body, CompletableFuture<Optional<Failed>> end)
        implements InvocationResult {}
  }
}
