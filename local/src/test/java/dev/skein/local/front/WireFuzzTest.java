package dev.skein.local.front;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Mutated bytes in place of HTTP, at a front door without routes: each response is a 4xx in JSON.
 * {@code -Dskein.fuzz.executions} is the number of connections, and {@code -Dskein.seed} selects
 * them.
 */
final class WireFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long EXECUTIONS = Long.getLong("skein.fuzz.executions", 4_000) / 8;
  private static final long SEED = Long.getLong("skein.seed", 1);

  /** For a request that does not arrive. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final List<String> SAMPLES =
      List.of(
          """
          GET /v1/models?a=b&c=%20d HTTP/1.1\r
          Host: x\r
          Authorization: Bearer canary\r
          \r
          """,
          """
          POST /chat HTTP/1.1\r
          Host: x\r
          Content-Length: 15\r
          \r
          {"message":"x"}\
          """,
          """
          POST http://x/chat HTTP/1.1\r
          Host: x\r
          Transfer-Encoding: chunked\r
          \r
          5;a=b\r
          {"a":\r
          2\r
          1}\r
          0\r
          Trailer: x\r
          \r
          """,
          """
          HEAD / HTTP/1.0\r
          Connection: keep-alive\r
          \r
          """,
          """
          PUT /audit HTTP/1.1\r
          Host: x\r
          Expect: 100-continue\r
          Content-Length: 1\r
          \r
          x\
          """);

  private static final List<String> TOKENS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\0",
          " ",
          "\t",
          ":",
          ": ",
          "%",
          "%zz",
          "%00",
          "%c3%28",
          "//",
          "#",
          "?",
          "*",
          "HTTP/1.1",
          "HTTP/2.0",
          "Host: y\r\n",
          "Content-Length: 5\r\n",
          "Content-Length: -1\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: gzip\r\n",
          "fffffffffffffffff\r\n",
          "-1\r\n",
          "0\r\n\r\n",
          "\u00ff",
          "\u0016\u0003\u0001",
          "<",
          "\"",
          "\\",
          "A: " + "x".repeat(11_000) + "\r\n");

  private final Screen screen = new Screen();

  @Test
  void noBytesEndInAFaultOrInAnythingButJson() throws IOException {
    var random = new Random(SEED);
    try (FrontDoor door =
        FrontDoor.open(
            new FrontDoor.Plan(0, SHORT, LONG, SHORT, Duration.ofSeconds(5), 64 * 1024),
            List.of(),
            Map.of(),
            screen.console())) {
      for (long i = 0; i < EXECUTIONS; i++) {
        String request = mutated(random);
        check("skein.seed=%d, %d: %s".formatted(SEED, i, request), exchange(door, request));
      }
    }
    assertThat(screen.text()).doesNotContain("the front door failed", "canary");
  }

  private static String mutated(Random random) {
    StringBuilder bytes = new StringBuilder(SAMPLES.get(random.nextInt(SAMPLES.size())));
    for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
      int at = random.nextInt(bytes.length());
      int end = Math.min(bytes.length(), at + 1 + random.nextInt(6));
      switch (random.nextInt(4)) {
        case 0 -> bytes.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
        case 1 -> bytes.replace(at, end, TOKENS.get(random.nextInt(TOKENS.size())));
        case 2 -> bytes.setCharAt(at, (char) random.nextInt(256));
        default -> bytes.insert(at, bytes.substring(at, end));
      }
    }
    return bytes.toString();
  }

  /** Everything that comes back until the server closes the connection. */
  private static String exchange(FrontDoor door, String request) throws IOException {
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), door.uri().getPort())) {
      caller.setSoTimeout((int) LONG.toMillis());
      caller.getOutputStream().write(request.getBytes(ISO_8859_1));
      return Sockets.all(caller);
    }
  }

  private static void check(String name, String responses) throws IOException {
    for (String response : responses.split("(?=HTTP/1\\.1 \\d\\d\\d )", -1)) {
      if (response.isEmpty() || response.startsWith("HTTP/1.1 100 ")) {
        continue;
      }
      assertThat(response).as(name).matches("(?s)HTTP/1\\.1 4\\d\\d .*");
      String body = response.substring(response.indexOf("\r\n\r\n") + 4);
      if (!body.isEmpty()) {
        JsonNode json = JSON.readTree(body);
        assertThat(json.has("message") || json.has("detail")).as(name + body).isTrue();
        assertThat(body).as(name).doesNotContain("canary", "Exception", "java.");
      }
    }
  }
}
