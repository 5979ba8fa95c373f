package dev.skein.faults;

import dev.skein.http.HttpConnection;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An OpenAI-compatible model server on 127.0.0.1 that plays the replies of a test, down to single
 * bytes and the end of the connection, and records what it received.
 *
 * <p>A call is a {@code POST} of {@code /v1/chat/completions}, {@code /v1/completions} or {@code
 * /v1/embeddings}. It gets the next enqueued reply, or else the reply of the rule; the default rule
 * replies {@code reply to: <last user message>}. {@code GET /v1/models} returns a list of one
 * model, any {@code HEAD} a 405, and any other request a 404; none of them counts as a call.
 *
 * <p>Thread-safe. Every {@code await} throws an {@link AssertionError} when its time limit passes.
 */
public final class ScriptedModel implements AutoCloseable {
  private static final String MODELS =
      """
      {"object":"list","data":[{"id":"scripted","object":"model","created":0,"owned_by":"test"}]}\
      """;

  private static final Duration QUIET = Duration.ofMillis(500);

  private final LoopbackServer server;
  private final Consumer<ModelRequest> observer;
  private final Ledger ledger = new Ledger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<FaultConnection> open = ConcurrentHashMap.newKeySet();
  private final Queue<ScriptedReply> enqueued = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> scriptFailures = new ConcurrentLinkedQueue<>();
  private volatile Function<ModelRequest, ScriptedReply> rule =
      request -> ScriptedReply.text("reply to: " + request.lastUserMessage());

  private ScriptedModel(int port, Consumer<ModelRequest> observer) throws IOException {
    this.observer = observer;
    this.server = LoopbackServer.start(port, threads, this::serve);
  }

  /** Starts on a free port. */
  public static ScriptedModel start() {
    return start(0);
  }

  /**
   * Starts on this port.
   *
   * @throws UncheckedIOException when the port is taken
   */
  public static ScriptedModel start(int port) {
    return start(port, request -> {});
  }

  /** Starts on this port, and shows every request of any kind to the observer. */
  static ScriptedModel start(int port, Consumer<ModelRequest> observer) {
    try {
      return new ScriptedModel(port, observer);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  /** Runs one from the command line; {@code --help} prints its flags. */
  public static void main(String[] args) throws InterruptedException {
    ScriptedModelCli.run(args);
  }

  public int port() {
    return server.port();
  }

  /** The base URL for an OpenAI client; ends in {@code /v1}. */
  public URI baseUrl() {
    return server.uri("/v1");
  }

  /** Sets the rule for calls without an enqueued reply. It runs on many threads at a time. */
  public void script(Function<ModelRequest, ScriptedReply> newRule) {
    rule = newRule;
  }

  /** Adds replies for the next calls, in order; they precede the rule. */
  public void enqueue(ScriptedReply... replies) {
    enqueued.addAll(List.of(replies));
  }

  /** Connections accepted so far. */
  public int connections() {
    return ledger.connections();
  }

  /** Calls received so far. */
  public int requests() {
    return ledger.calls().size();
  }

  /** The calls, in order of arrival. */
  public List<ModelRequest> received() {
    return ledger.calls();
  }

  /** The bytes written so far, heads and framing included; the client may have read fewer. */
  public long bytesSent() {
    return ledger.bytesSent();
  }

  /** Calls received whose reply is not yet complete. */
  public int inFlight() {
    return ledger.inFlight();
  }

  public int mostInFlight() {
    return ledger.mostInFlight();
  }

  /** Calls whose client closed the connection before the reply was complete. */
  public List<AbandonedCall> closedByClient() {
    return ledger.abandoned();
  }

  /** Waits until exactly this many calls are in flight. */
  public void awaitInFlight(int calls, Duration max) {
    ledger.await(calls + " calls in flight", max, () -> inFlight() == calls);
  }

  /** Waits until at least this many calls were received. */
  public void awaitRequests(int calls, Duration max) {
    ledger.await(calls + " calls received", max, () -> requests() >= calls);
  }

  /** Waits until nothing has been sent for half a second, because the clients do not read. */
  public void awaitHeldBack(Duration max) {
    long end = System.nanoTime() + max.toNanos();
    long before = -1;
    while (before != bytesSent()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("still sending after " + max);
      }
      before = bytesSent();
      LockSupport.parkNanos(QUIET.toNanos());
    }
  }

  /** Waits until the client has abandoned the call of this number. */
  public AbandonedCall awaitClientClosed(int call, Duration max) {
    ledger.await("the client closes call " + call, max, () -> abandoned(call).isPresent());
    return abandoned(call).orElseThrow();
  }

  private Optional<AbandonedCall> abandoned(int call) {
    return closedByClient().stream().filter(it -> it.request() == call).findFirst();
  }

  /** How an idle connection is dropped. */
  public enum Drop {
    /** It is closed. */
    FIN,
    /** It is aborted. */
    RST,
    /** It stays open, and gets no more responses. */
    SILENT
  }

  /**
   * Drops every connection on which no request waits for its reply.
   *
   * @return how many there were
   */
  public int dropIdle(Drop how) {
    return (int) open.stream().filter(connection -> connection.dropIfIdle(how)).count();
  }

  /** Connections that were made {@link Drop#SILENT}, and that the client has not closed yet. */
  public int silentConnections() {
    return (int) open.stream().filter(FaultConnection::isSilent).count();
  }

  private void serve(HttpConnection accepted) throws InterruptedException {
    var connection = new FaultConnection(accepted, ledger, this::play);
    open.add(connection);
    try {
      connection.serve();
    } finally {
      open.remove(connection);
    }
  }

  private List<Step> play(ModelRequest request) {
    try {
      observer.accept(request);
      return reply(request).steps(request);
    } catch (RuntimeException | AssertionError e) {
      scriptFailures.add(e);
      return ScriptedReply.error(500, "script_failed", "script_failed").steps(request);
    }
  }

  private ScriptedReply reply(ModelRequest request) {
    if (Ledger.isCall(request.method(), request.path())) {
      ScriptedReply next = enqueued.poll();
      return next == null ? rule.apply(request) : next;
    }
    if (request.method().equals("HEAD")) {
      return ScriptedReply.status(405); // without a body, as every reply to a HEAD
    }
    return request.method().equals("GET") && request.path().equals("/v1/models")
        ? ScriptedReply.json(200, MODELS)
        : ScriptedReply.error(404, "invalid_request_error", "unknown_url");
  }

  /**
   * Closes every connection and waits for every thread.
   *
   * @throws IllegalStateException if the rule, or a reply, has thrown; thrown once
   */
  @Override
  public void close() {
    server.close();
    threads.close();
    Throwable failure = scriptFailures.poll();
    if (failure != null) {
      throw new IllegalStateException("a scripted reply or the rule has thrown", failure);
    }
  }
}
