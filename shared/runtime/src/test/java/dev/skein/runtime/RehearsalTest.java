package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.runtime.Rehearsal.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {
  private final List<String> handled = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private Reply reply(String request) {
    requests.add(request);
    return Reply.of("text/plain", "served");
  }

  /** Posts each event to the service, and answers with the service's reply. */
  private final class Forwarding implements StreamingHandler {
    private final URI service;

    private Forwarding(URI service) {
      this.service = service;
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      handled.add(new String(event.readAllBytes(), UTF_8));
      response.afterwards(() -> handled.add("afterwards"));
      var connection = service.resolve("/service").toURL().openConnection();
      connection.setDoOutput(true);
      connection.getOutputStream().write("a body".getBytes(UTF_8));
      response.begin(200, Map.of()).write(connection.getInputStream().readAllBytes());
    }
  }

  private void rehearse(Function<URI, StreamingHandler> handler, String... events) {
    Rehearsal.run(handler, this::reply, Thread::startVirtualThread, List.of(events));
  }

  @Test
  void eachEventIsHandledToItsEnd() {
    rehearse(Forwarding::new, "first", "second");

    assertThat(handled).containsExactly("first", "afterwards", "second", "afterwards");
    assertThat(requests).hasSize(2).allMatch(request -> request.startsWith("POST /service "));
    assertThat(requests).allMatch(request -> request.endsWith("a body"));
  }

  @Test
  void aHandlerThatFailsIsRehearsedQuietly() {
    var output = new ByteArrayOutputStream();
    PrintStream standard = System.out;
    System.setOut(new PrintStream(output, true, UTF_8));
    try {
      rehearse(
          _ ->
              (event, _, _) -> {
                handled.add(new String(event.readAllBytes(), UTF_8));
                throw new IllegalStateException("no good");
              },
          "first",
          "second");
    } finally {
      System.setOut(standard);
    }

    assertThat(handled).containsExactly("first", "second");
    assertThat(output.toString(UTF_8)).isEmpty();
  }

  @Test
  void aResponseThatBreaksOffEndsItsEvent() {
    rehearse(
        _ ->
            (event, response, _) -> {
              handled.add(new String(event.readAllBytes(), UTF_8));
              response.begin(200, Map.of()).write("half".getBytes(UTF_8));
              throw new IllegalStateException("no good");
            },
        "first",
        "second");

    assertThat(handled).containsExactly("first", "second");
  }

  @Test
  void aHandlerThatDoesNotReturnIsNotWaitedFor() throws Exception {
    var returned = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    StreamingHandler stuck =
        (_, _, _) -> {
          begun.countDown();
          awaitUninterrupted(returned);
          handled.add("returned");
        };

    Rehearsal.run(
        _ -> stuck,
        this::reply,
        Thread::startVirtualThread,
        List.of("first"),
        Duration.ofMillis(50));

    assertThat(handled).isEmpty();
    begun.await();
    returned.countDown();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aHandlerThatCannotBeMadeFailsTheStart() {
    assertThatThrownBy(
            () ->
                rehearse(
                    _ -> {
                      throw new IllegalStateException("a setting is invalid");
                    },
                    "first"))
        .hasMessage("a setting is invalid");
  }

  /** Rehearses in a process of its own, whose JVM has other settings. */
  static final class NewEnvironment {
    private NewEnvironment() {}

    public static void main(String[] arguments) {
      var test = new RehearsalTest();
      test.rehearse(service -> test.new Forwarding(service), "event");
      System.out.println(test.handled);
    }
  }

  @Test
  void aJvmThatPrefersIpv6AddressesRehearsesToo() throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.net.preferIPv6Addresses=true",
                "-cp",
                System.getProperty("java.class.path"),
                NewEnvironment.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();

    assertThat(process.inputReader().readAllAsString()).contains("[event, afterwards]");
  }
}
