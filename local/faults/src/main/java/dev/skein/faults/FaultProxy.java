package dev.skein.faults;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A proxy on 127.0.0.1 in front of an AWS service, which fails as its script says: for each request
 * anew, also on connections that are kept alive. It reads requests and replies completely before it
 * passes them on. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  /** Headers of one connection, and those that the client sets by itself. */
  private static final Set<String> NOT_FORWARDED =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  private static final Duration REBIND_LIMIT = Duration.ofSeconds(10);

  /**
   * Decides about requests and observes them. Called on many threads at a time, for one request by
   * one thread; what it throws ends the connection.
   */
  @FunctionalInterface
  public interface Script {
    /** What happens to this request, which waits; the service has not seen it yet. */
    ProxyFault fault(ProxiedRequest request) throws InterruptedException;

    /** The service has replied, and the client has none of the reply yet. */
    default void processed(ProxiedRequest request, int status, String reply) {}

    /** The whole reply was written to the client. */
    default void relayed(ProxiedRequest request) {}
  }

  private final URI service;
  private final Script script;
  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private volatile LoopbackServer server;

  private FaultProxy(URI service, Script script) throws IOException {
    this.service = service;
    this.script = script;
    this.server = LoopbackServer.start(0, threads, this::serve);
    this.port = server.port();
  }

  /**
   * Starts on a free port.
   *
   * @param service the address of the service, without a path
   */
  public static FaultProxy start(URI service, Script script) {
    try {
      return new FaultProxy(service, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address that replaces that of the service. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** How often each operation met each fault, for example {@code SendMessage Twice}. */
  public SortedMap<String, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /** The service is down: open connections are closed, and new ones are refused. */
  public void down() {
    server.close();
  }

  /** The service is up again, on the same port. */
  public void up() throws InterruptedException {
    long end = System.nanoTime() + REBIND_LIMIT.toNanos();
    while (true) {
      try {
        server = LoopbackServer.start(port, threads, this::serve);
        return;
      } catch (BindException e) {
        // Another process may use it for a connection of its own.
        if (System.nanoTime() > end) {
          throw new UncheckedIOException(e);
        }
        Thread.sleep(50);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(HttpConnection connection) throws IOException, InterruptedException {
    connection.serve(request -> relay(request, connection));
  }

  private void relay(IncomingRequest incoming, HttpConnection connection)
      throws IOException, InterruptedException {
    String target = incoming.header("X-Amz-Target");
    String operation =
        target.isEmpty() ? incoming.method() : target.substring(target.lastIndexOf('.') + 1);
    var request =
        new ProxiedRequest(
            operation,
            incoming.headers(),
            connection.remotePort(),
            port,
            new String(incoming.body().readAllBytes(), StandardCharsets.UTF_8));
    ProxyFault fault = script.fault(request);
    counts.merge(operation + " " + fault.label(), 1, Integer::sum);
    switch (fault) {
      case ProxyFault.ResetBefore() -> connection.reset();
      case ProxyFault.ServiceError error -> respond(error, connection);
      default -> forward(fault, request, incoming, connection);
    }
  }

  private void forward(
      ProxyFault fault, ProxiedRequest request, IncomingRequest incoming, HttpConnection connection)
      throws IOException, InterruptedException {
    if (fault instanceof ProxyFault.Delay(Duration time)) {
      Thread.sleep(time);
    }
    String body = fault instanceof ProxyFault.ReplaceBody(String other) ? other : request.body();
    if (fault instanceof ProxyFault.Twice) {
      var _ = send(incoming, body);
    }
    HttpResponse<byte[]> reply = send(incoming, body);
    script.processed(request, reply.statusCode(), new String(reply.body(), StandardCharsets.UTF_8));
    switch (fault) {
      case ProxyFault.ResetAfter() -> connection.reset();
      case ProxyFault.NoReply() -> {
        // Until the client gives up.
        var _ = connection.peek();
        connection.close();
      }
      case ProxyFault.SlowReply(Duration pause) -> {
        for (byte next : bytes(reply)) {
          Thread.sleep(pause);
          connection.write(new byte[] {next});
        }
        script.relayed(request);
      }
      default -> {
        connection.write(bytes(reply));
        script.relayed(request);
      }
    }
  }

  private HttpResponse<byte[]> send(IncomingRequest incoming, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(service.resolve(incoming.path()))
            .method(incoming.method(), BodyPublishers.ofString(body));
    incoming
        .headers()
        .forEach(
            (name, value) -> {
              if (!NOT_FORWARDED.contains(name)) {
                request.header(name, value);
              }
            });
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static byte[] bytes(HttpResponse<byte[]> reply) {
    var head = new StringBuilder("HTTP/1.1 " + reply.statusCode() + " Relayed\r\n");
    reply
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name)) {
                values.forEach(value -> head.append(name + ": " + value + "\r\n"));
              }
            });
    head.append("content-length: " + reply.body().length + "\r\n\r\n");
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(reply.body());
    return bytes.toByteArray();
  }

  private static void respond(ProxyFault.ServiceError error, HttpConnection connection)
      throws IOException {
    connection.respond(
        error.status() + " Injected",
        Map.of(
            "Content-Type", "application/x-amz-json-1.0",
            "x-amzn-RequestId", "injected",
            "x-amzn-query-error", error.name() + (error.status() == 500 ? ";Receiver" : ";Sender")),
        "{\"__type\":\"%s\",\"message\":\"injected\"}"
            .formatted(error.type())
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Closes every connection, and waits for the threads. */
  @Override
  public void close() {
    server.close();
    http.shutdownNow();
    threads.shutdownNow();
    threads.close();
  }
}
