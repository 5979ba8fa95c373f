package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The largest requests and replies, through one environment with the heap of a function of 512 MB,
 * which survives all of them.
 */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeBodiesTest {
  private static final String MEMORY_MB = System.getProperty("skein.memory", "512");
  private static final String COMPLETIONS = "/v1/chat/completions";
  private static final int ROUNDS = 3;
  private static final int MIB = 1 << 20;

  /** The largest event is 6 MiB, of which the headers and the context take some kilobytes. */
  private static final int LARGEST_IMAGE = 6 * MIB - 8192;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RunningStack world;
  private long pid;

  @BeforeAll
  void start(@TempDir Path folder) {
    world =
        RunningStack.withPlaces(
            folder,
            FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "1")),
            Map.of("MemorySize: 1024", "MemorySize: " + MEMORY_MB),
            _ -> Map.of());
    assertThat(post("{" + messages("\"Hi\"") + "}").statusCode()).isEqualTo(200);
    pid = world.stack().environmentPids("ChatFunction").getFirst();
  }

  @AfterEach
  void theEnvironmentSurvives() throws IOException {
    assertThat(world.stack().environmentPids("ChatFunction"))
        .as(world.problems())
        .containsExactly(pid);
    System.err.println("LargeBodiesTest: " + usage());
  }

  @AfterAll
  void stop() {
    world.close();
    http.close();
  }

  @Test
  void aRequestThatFillsTheLargestEventReachesTheProviderAsItIs() {
    String content = image("A".repeat(LARGEST_IMAGE));
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(post("{" + messages(content) + "}").statusCode())
          .as(world.problems())
          .isEqualTo(200);
      assertThat(world.model().received().getLast().body()).contains(content);
    }
  }

  @Test
  void aRequestInAnyScriptIsPassedOnInAsManyBytes() {
    String content = "\"" + "ж漢😀".repeat(600_000) + "\"";

    assertThat(post("{" + messages(content) + "}").statusCode())
        .as(world.problems())
        .isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(content);
  }

  @Test
  void aRequestOverTheLargestEventIsRefusedByTheFrontDoor() {
    var response = post("{" + messages(image("A".repeat(6 * MIB))) + "}");

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("larger than 6 MB");
  }

  @Test
  void aSchemaOf128LevelsReachesTheProvider() {
    // The body and the field are two of them.
    String deep = "{\"a\":".repeat(126) + "1" + "}".repeat(126);

    assertThat(
            post("{" + messages("\"Hi\"") + ",\"tools\":[],\"metadata\":" + deep + "}")
                .statusCode())
        .isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(deep);
  }

  @Test
  void aStreamOfSixteenMegabytesInSmallTokensArrivesWhole() {
    var tokens = Stream.generate(() -> "abc ").limit(16 * MIB / 160).toArray(String[]::new);
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.stream(tokens));

      String events = post("{" + messages("\"Hi\"") + ",\"stream\":true}").body();

      assertThat(events.length()).isGreaterThan(15 * MIB);
      assertThat(events).endsWith("data: [DONE]\n\n");
    }
  }

  @Test
  void anEventOfFifteenMebibytesArrivesWhole() {
    String text = "x".repeat(15 * MIB);
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.stream(text, "y"));

      String events = post("{" + messages("\"Hi\"") + ",\"stream\":true}").body();

      assertThat(events).contains("\"" + text + "\"").endsWith("data: [DONE]\n\n");
    }
  }

  @Test
  void aWholeReplyOfFifteenMebibytesArrivesWhole() {
    for (String letter : new String[] {"x", "ж", "\\u00e9"}) {
      String text =
          letter.repeat(15 * MIB / letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
      String reply =
          "{\"choices\":[{\"message\":{\"content\":\"" + text + "\"},\"finish_reason\":\"stop\"}]}";
      for (int i = 0; i < ROUNDS; i++) {
        world.model().enqueue(ScriptedReply.json(200, reply));

        var response = post("{" + messages("\"Hi\"") + "}");

        assertThat(response.statusCode()).as(world.problems()).isEqualTo(200);
        assertThat(response.body().equals(reply)).isTrue();
      }
    }
  }

  private String usage() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM") || line.startsWith("VmRSS"))
          .toList()
          .toString();
    }
  }

  private static String messages(String content) {
    return "\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]";
  }

  private static String image(String base64) {
    return "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
        + base64
        + "\"}}]";
  }

  private HttpResponse<String> post(String body) {
    long start = System.nanoTime();
    var request =
        HttpRequest.newBuilder(URI.create(world.stack().api() + COMPLETIONS))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    var response = http.sendAsync(request, BodyHandlers.ofString()).join();
    System.err.printf(
        "LargeBodiesTest: %d bytes sent, %d received in %d ms%n",
        body.length(),
        response.body().length(),
        Duration.ofNanos(System.nanoTime() - start).toMillis());
    return response;
  }
}
