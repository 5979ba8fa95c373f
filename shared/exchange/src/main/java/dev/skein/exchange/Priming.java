package dev.skein.exchange;

import dev.skein.aws.RoleCredentials;
import dev.skein.base.Deadline;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.llm.LlmLimits;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Does everything once while the environment starts, against a socket of its own: one model call
 * and one send. What costs time in a first invocation is loading classes, and the platform gives
 * the start more CPU than an invocation. It is not done in a class initializer, because a lambda on
 * another thread would deadlock with it.
 */
final class Priming {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** Enough of an answer for the model client and the SDK alike. */
  private static final Answer WHOLE =
      new Answer(
          "application/json",
          """
          {"model":"primed","choices":[{"message":{"content":"primed"},"finish_reason":"stop"}],"MessageId":"primed"}\
          """);

  private static final Answer STREAM =
      new Answer(
          "text/event-stream",
          """
          data: {"model":"primed","choices":[{"delta":{"content":"primed"},"finish_reason":"stop"}]}

          data: [DONE]

          """);

  private record Answer(String contentType, String body) {
    byte[] bytes() {
      String head =
          "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
              .formatted(contentType, body.length());
      return (head + body).getBytes(StandardCharsets.US_ASCII);
    }
  }

  private Priming() {}

  /**
   * Returns when all is warm, or after three seconds for each; a step that fails is left cold.
   *
   * @param streaming whether the model is asked for streams
   */
  static void run(Optional<SqsConfig> sqs, boolean streaming, HttpClient http, Executor executor) {
    try (var socket = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      executor.execute(() -> answer(socket, streaming ? STREAM : WHOLE, executor));
      var here = URI.create("http://127.0.0.1:" + socket.getLocalPort());
      var call = model(here, streaming, http);
      if (sqs.isPresent()) {
        var config = sqs.get().at(here);
        try (var queue = SqsQueue.open(config, RoleCredentials.provider(), http, executor)) {
          await(queue.send("primed"));
        }
      }
      await(call);
    } catch (IOException e) {
      // No socket for it: the environment starts cold, and just as correct.
    }
  }

  private static CompletableFuture<LlmResult> model(URI here, boolean streaming, HttpClient http) {
    var asked =
        new LlmRequest("primed", List.of(new Message(Role.USER, "primed")), Defaults.of(0, 1));
    var config =
        new LlmConfig(
            List.of(new LlmEndpoint(here, Optional.empty(), "primed")),
            List.of("primed"),
            new LlmLimits(LIMIT, LIMIT, LIMIT, LIMIT, LIMIT, 2048, 0, 0, 1),
            streaming);
    return new HttpLlmClient(http, config).complete(asked, Deadline.in(LIMIT, System::nanoTime));
  }

  private static <T> void await(CompletableFuture<T> step) {
    var _ =
        step.handle((_, _) -> true)
            .completeOnTimeout(false, LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .join();
  }

  /** Until the socket is closed. */
  private static void answer(ServerSocket server, Answer modelAnswer, Executor executor) {
    try {
      while (true) {
        Socket connection = server.accept();
        executor.execute(() -> answer(connection, modelAnswer));
      }
    } catch (IOException e) {
      // Closed: all is warm.
    }
  }

  private static void answer(Socket connection, Answer modelAnswer) {
    try (connection) {
      var in = connection.getInputStream();
      // The request is one small segment: what it says does not matter, only to whom.
      var request = new byte[8192];
      int length = in.read(request);
      if (length > 0) {
        var beginning = new String(request, 0, length, StandardCharsets.US_ASCII);
        Answer answer = beginning.startsWith("POST /chat") ? modelAnswer : WHOLE;
        connection.getOutputStream().write(answer.bytes());
        connection.shutdownOutput();
        while (in.read(request) > 0) {
          // A close before the rest is read would be a reset.
        }
      }
    } catch (IOException e) {
      // The first real call will be a little slower, and just as correct.
    }
  }
}
