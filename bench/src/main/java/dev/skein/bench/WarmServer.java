package dev.skein.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A program that serves HTTP, called over one kept connection. */
final class WarmServer implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofMillis(200);

  /**
   * How it is started and called.
   *
   * @param command its last argument, which is added, is the port
   * @param body what is posted to {@code path}
   */
  record Program(
      String name, Path root, List<String> command, String path, String body, Contract contract) {}

  private final Program program;
  private final Process process;
  private final HttpRequest request;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private WarmServer(Program program, Process process, HttpRequest request) {
    this.program = program;
    this.process = process;
    this.request = request;
  }

  /** Answers when this returns. */
  static WarmServer start(Program program, Map<String, String> variables)
      throws IOException, InterruptedException {
    int port = freePort();
    List<String> command = new ArrayList<>(program.command());
    command.add(Integer.toString(port));
    Path log = program.root().resolveSibling("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(program.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // A proxy or a setting of the caller's shell would change what is measured.
    builder.environment().keySet().retainAll(Set.of("HOME", "LANG", "PATH"));
    builder.environment().putAll(variables);
    builder.environment().put("PYTHONPATH", program.root().toString());
    builder.environment().putAll(FunctionProcess.ROLE);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + program.path()))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(program.body()))
            .build();
    var server = new WarmServer(program, builder.start(), request);
    try {
      server.await(log);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  long pid() {
    return process.pid();
  }

  /** Calls it once. */
  Duration call() throws IOException, InterruptedException {
    long called = System.nanoTime();
    String reply = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    Duration time = Duration.ofNanos(System.nanoTime() - called);
    program.contract().checkReply(program.name(), reply);
    return time;
  }

  private void await(Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try {
        call();
        return;
      } catch (IOException e) {
        Thread.sleep(PAUSE);
      }
    }
    throw new MeasurementException(program.name() + " did not start: " + Files.readString(log));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}
