package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Workers of the runtime on threads of this process, and the Runtime API that they poll. */
final class RunningLoop implements AutoCloseable {
  static final String ARN = "arn:aws:lambda:eu-central-1:123456789012:function:hello";

  private final RuntimeApi api = RuntimeApi.open(ARN, Duration.ofSeconds(30));
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final RuntimeLog log = new RuntimeLog(new PrintStream(output, true, UTF_8));
  private final Shutdown shutdown;
  private final List<CompletableFuture<Boolean>> ends = new ArrayList<>();

  private RunningLoop(
      StreamingHandler handler,
      int workers,
      boolean buffered,
      Function<RuntimeLog, Shutdown> shutdownBy)
      throws IOException {
    var function = new RuntimeSettings.FunctionInfo("hello", "7", 512, "group", "stream");
    var settings = new RuntimeSettings("unused", workers, buffered, function);
    shutdown = shutdownBy.apply(log);
    for (int count = 0; count < workers; count++) {
      var client = new RuntimeApiClient(api.address(), log);
      var worker = new Worker(handler, settings, client, shutdown, log);
      var end = new CompletableFuture<Boolean>();
      ends.add(end);
      Thread.ofPlatform().daemon().start(() -> end.complete(worker.run()));
    }
  }

  static RunningLoop of(StreamingHandler handler) throws IOException {
    return of(handler, 1);
  }

  /** With these periods of its shutdown. */
  static RunningLoop of(StreamingHandler handler, Duration gracePeriod, Duration afterClose)
      throws IOException {
    return new RunningLoop(
        handler, 1, false, log -> new Shutdown(handler, log, gracePeriod, afterClose));
  }

  static RunningLoop buffered(StreamingHandler handler) throws IOException {
    return new RunningLoop(handler, 1, true, log -> new Shutdown(handler, log));
  }

  static RunningLoop of(StreamingHandler handler, int workers) throws IOException {
    return new RunningLoop(handler, workers, false, log -> new Shutdown(handler, log));
  }

  PendingInvocation asked() {
    return await(api.asked());
  }

  /** Gives an event to the next worker that asks for one, and waits until its response begins. */
  PostedResult answer(String event) {
    return await(begin(event).result());
  }

  PendingInvocation begin(String event) {
    PendingInvocation turn = asked();
    turn.give(event.getBytes(UTF_8));
    return turn;
  }

  PostedResult.Streamed stream(String event) {
    return (PostedResult.Streamed) answer(event);
  }

  PostedResult.Failed failure(String event) {
    return (PostedResult.Failed) answer(event);
  }

  String whole(String event) {
    return new String(((PostedResult.Whole) answer(event)).payload(), UTF_8);
  }

  /** Waits for the first worker to end; returns whether it ended with an error. */
  boolean ended() {
    return await(ends.getFirst());
  }

  String log() {
    return output.toString(UTF_8);
  }

  Shutdown shutdown() {
    return shutdown;
  }

  RuntimeApi api() {
    return api;
  }

  @Override
  public void close() {
    shutdown.run();
    api.close();
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** Exactly this many bytes as text. */
  static String read(InputStream body, int count) throws IOException {
    return new String(body.readNBytes(count), UTF_8);
  }

  static String rest(InputStream body) throws IOException {
    return new String(body.readAllBytes(), UTF_8);
  }
}
