package dev.skein.local.front;

import static dev.skein.local.testing.Sockets.all;
import static dev.skein.local.testing.Sockets.refuses;
import static dev.skein.local.testing.Sockets.upTo;
import static dev.skein.local.testing.Waiting.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.functions.FunctionPool;
import dev.skein.local.handlers.StreamingFunction;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What a caller sees on the wire of a function that answers as a stream. */
@TestInstance(Lifecycle.PER_CLASS)
final class StreamingRouteTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

  private final ChildProcesses children = ChildProcesses.guarded();
  private Screen screen = new Screen();
  private FunctionPool pool;
  private FrontDoor door;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path shared) {
    pool =
        FunctionPool.open(
            TestFunctions.withTimeout(
                TestFunctions.wrapped("Streaming", StreamingFunction.class, "rwxr-xr-x", shared),
                TIMEOUT),
            new FunctionPool.Context(
                TestFunctions.RUNTIME, shared.resolve("work"), Map.of(), Map.of(), Map.of()),
            new FunctionPool.Limits(2, 1000, PATIENCE),
            children,
            new Screen().console());
  }

  @BeforeEach
  void open(@TempDir Path own) {
    folder = own;
    screen = new Screen();
    door = open(Duration.ofSeconds(10));
  }

  @AfterEach
  void close() {
    door.close();
    assertThat(screen.text()).doesNotContain("the front door failed");
  }

  @AfterAll
  void stop() {
    pool.close();
    children.close();
  }

  @Test
  void chunksReachTheCallerWhileTheFunctionStillWrites() throws Exception {
    Path gate = folder.resolve("gate");
    try (Socket caller = post("/stream", "hold " + gate)) {
      String begin = upTo(caller, "3\r\none\r\n");
      until("it streams", () -> Files.exists(gate));
      Files.delete(gate);
      String rest = upTo(caller, LAST_CHUNK);

      assertThat(begin).startsWith("HTTP/1.1 201 Created\r\n");
      assertThat(begin)
          .containsIgnoringCase("\r\nX-Own: yes\r\n")
          .containsIgnoringCase("\r\nTransfer-Encoding: chunked\r\n")
          .containsIgnoringCase("\r\nSet-Cookie: a=1\r\n")
          .containsIgnoringCase("\r\nSet-Cookie: b=2\r\n")
          .containsIgnoringCase("\r\nx-amzn-RequestId: ")
          .doesNotContainIgnoringCase("Content-Length");
      assertThat(rest).isEqualTo("3\r\ntwo" + LAST_CHUNK);
      // The connection goes on.
      send(caller, "/stream", "echo");
      assertThat(upTo(caller, LAST_CHUNK)).endsWith("3\r\none" + LAST_CHUNK);
    }
    until("the line", () -> screen.text().matches("(?s).*POST /stream 201 \\d+ ms\\R.*"));
  }

  @Test
  void anErrorMidStreamBreaksTheConnection() throws Exception {
    try (Socket caller = post("/stream", "fail")) {
      assertThat(all(caller)).endsWith("3\r\none\r\n");
    }
    until("the line", () -> screen.text().contains(", cut: failed with Model.Cut"));
  }

  @Test
  void aProcessKilledMidStreamBreaksTheConnectionAndTheNextRequestIsServed() throws Exception {
    Path gate = folder.resolve("gate");
    try (Socket caller = post("/stream", "hold " + gate)) {
      upTo(caller, "3\r\none\r\n");
      until("it streams", () -> Files.exists(gate));

      pool.pids().forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());

      assertThat(all(caller)).isEmpty();
    }
    until("the line", () -> screen.text().contains("cut: its process was killed by signal 9"));
    try (Socket next = post("/stream", "echo")) {
      assertThat(upTo(next, LAST_CHUNK)).startsWith("HTTP/1.1 201 ");
    }
  }

  @Test
  void aTimeoutMidStreamBreaksTheConnection() throws Exception {
    try (Socket caller = post("/stream", "hold " + folder.resolve("gate"))) {
      assertThat(all(caller)).endsWith("3\r\none\r\n");
    }
    until("the line", () -> screen.text().contains("cut: exceeded its Timeout"));
  }

  @Test
  void aFunctionNoticesThatItsCallerDisconnected() throws Exception {
    try (Socket caller = post("/stream", "flood " + folder.resolve("count"))) {
      upTo(caller, "3\r\none\r\n");
    }
    until("it knows", () -> Files.exists(folder.resolve("count.broken")));
    until("the line", () -> screen.text().contains(", cut: the caller disconnected"));
  }

  @Test
  void aCallerThatDoesNotReadBlocksTheFunctionUntilItsTimeout() throws Exception {
    Path count = folder.resolve("count");
    try (Socket caller = post("/stream", "flood " + count)) {
      assertThat(caller.isConnected()).isTrue();
      until("it is cut", () -> screen.text().contains("cut: exceeded its Timeout"));
    }
    assertThat(Integer.parseInt(Files.readString(count))).isLessThan(400);
    assertThat(folder.resolve("count.broken")).doesNotExist();
  }

  @Test
  void aStreamWithAnInvalidPreludeIsABadGateway() throws Exception {
    String zeros = "\0".repeat(8);
    for (String stream :
        List.of(
            "",
            "not json" + zeros,
            "{\"statusCode\":200}",
            "{\"statusCode\":200}" + "\0".repeat(7) + "x",
            "{}" + zeros,
            "{\"statusCode\":99}" + zeros,
            "{\"statusCode\":200,\"cookies\":\"a=1\"}" + zeros,
            "{\"statusCode\":200,\"headers\":{\"A\":\"b\\nc\"}}" + zeros,
            "{\"statusCode\":200,\"headers\":{\"A\":\"" + "x".repeat(65 * 1024) + "\"}}" + zeros)) {
      try (Socket caller = post("/stream", "raw " + base64(stream))) {
        assertThat(upTo(caller, "}")).as(stream).startsWith("HTTP/1.1 502 ");
      }
    }
    assertThat(screen.text()).contains("Streaming started a stream with an invalid prelude");
  }

  @Test
  void aLongPreludeIsRead() throws Exception {
    String prelude = "{\"statusCode\":200,\"headers\":{\"A\":\"" + "x".repeat(5000) + "\"}}";
    try (Socket caller = post("/stream", "raw " + base64(prelude + "\0".repeat(8) + "\0body"))) {
      assertThat(upTo(caller, LAST_CHUNK))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("5\r\n\0body" + LAST_CHUNK);
    }
  }

  @Test
  void aStreamOnABufferedRouteIsABadGateway() throws Exception {
    try (Socket caller = post("/buffered", "echo")) {
      assertThat(upTo(caller, "}")).startsWith("HTTP/1.1 502 ");
    }
    assertThat(screen.text())
        .contains(
            "Streaming streamed its response, but its route has no ResponseTransferMode:"
                + " RESPONSE_STREAM");
  }

  @Test
  void aWholeResponseOnAStreamingRouteIsABadGateway() throws Exception {
    try (Socket caller = post("/stream", "whole")) {
      assertThat(upTo(caller, "}")).startsWith("HTTP/1.1 502 ");
    }
    assertThat(screen.text())
        .contains(
            "Streaming returned a whole response, but its route has ResponseTransferMode:"
                + " RESPONSE_STREAM");
  }

  @Test
  void aHeadRequestGetsNoBody() throws Exception {
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), door.uri().getPort())) {
      caller.setSoTimeout((int) PATIENCE.toMillis());
      write(caller, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(upTo(caller, "\r\n\r\n")).startsWith("HTTP/1.1 201 ");
      write(caller, "HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(all(caller)).startsWith("HTTP/1.1 201 ").endsWith("\r\n\r\n");
    }
  }

  @Test
  void aStreamWithoutContentHasNoFramingAndItsConnectionGoesOn() throws Exception {
    String stream = "{\"statusCode\":204}" + "\0".repeat(8) + "ignored";
    try (Socket caller = post("/stream", "raw " + base64(stream))) {
      assertThat(upTo(caller, "\r\n\r\n"))
          .startsWith("HTTP/1.1 204 No Content\r\n")
          .doesNotContain("Transfer-Encoding", "Content-Length");
      send(caller, "/stream", "echo");
      assertThat(upTo(caller, LAST_CHUNK)).startsWith("HTTP/1.1 201 ");
    }
  }

  @Test
  void theRoutesTimeoutLimitsTheWaitForTheFirstByte() throws Exception {
    Path gate = folder.resolve("gate");
    try (Socket caller = post("/impatient", "late " + gate)) {
      assertThat(upTo(caller, "}")).startsWith("HTTP/1.1 504 ");
    }
    until("it is there", () -> Files.exists(gate));
    Files.delete(gate);
    until("it knows", () -> Files.exists(folder.resolve("gate.count.broken")));
  }

  @Test
  void closingWaitsForStreams() throws Exception {
    Path gate = folder.resolve("gate");
    try (Socket caller = post("/stream", "hold " + gate)) {
      upTo(caller, "3\r\none\r\n");
      until("it streams", () -> Files.exists(gate));
      Thread close = Thread.ofVirtual().start(door::close);
      until("it accepts no more connections", () -> refuses(door.uri().getPort()));
      Files.delete(gate);

      assertThat(upTo(caller, LAST_CHUNK)).isEqualTo("3\r\ntwo" + LAST_CHUNK);
      close.join();
    }
  }

  @Test
  void closingCutsAStreamThatDoesNotEnd() throws Exception {
    FrontDoor closing = open(Duration.ofMillis(200));
    Path gate = folder.resolve("gate");
    try (Socket caller = post(closing, "/stream", "hold " + gate)) {
      upTo(caller, "3\r\none\r\n");
      closing.close();
      assertThat(all(caller)).isEmpty();
    }
    until("the function is there", () -> Files.exists(gate));
    Files.delete(gate);
  }

  private FrontDoor open(Duration stopping) {
    return FrontDoor.open(
        new FrontDoor.Plan(0, PATIENCE, PATIENCE, PATIENCE, stopping, 64 * 1024),
        List.of(
            new FrontDoor.Target(new Route("ANY", "/stream", false, true, PATIENCE), pool),
            new FrontDoor.Target(
                new Route("ANY", "/impatient", false, true, Duration.ofMillis(500)), pool),
            new FrontDoor.Target(new Route("ANY", "/buffered", false), pool)),
        Map.of(),
        screen.console());
  }

  private Socket post(String path, String script) throws IOException {
    return post(door, path, script);
  }

  private static Socket post(FrontDoor door, String path, String script) throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), door.uri().getPort());
    caller.setSoTimeout((int) PATIENCE.toMillis());
    send(caller, path, script);
    return caller;
  }

  private static void send(Socket caller, String path, String script) throws IOException {
    String head = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: ";
    write(caller, head + script.length() + "\r\n\r\n" + script);
  }

  private static void write(Socket caller, String text) throws IOException {
    caller.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(ISO_8859_1));
  }
}
