package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The largest requests and replies, through one environment with the heap of a function of 512 MB,
 * which survives all of them.
 */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeBodiesTest {
  private static final String MEMORY_MB = System.getProperty("skein.memory", "512");
  private static final int ROUNDS = Integer.getInteger("skein.large.rounds", 3);
  private static final int MIB = 1 << 20;

  /** The largest event is 6 MiB, of which the headers and the context take some kilobytes. */
  private static final int LARGEST_IMAGE = 6 * MIB - 8192;

  private static final String COMPLETIONS = "/v1/chat/completions";
  private static final String STREAM = ",\"stream\":true";

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
            Map.of(
                "MemorySize: 1024", "MemorySize: " + MEMORY_MB,
                // Else a busy machine logs a record instead of queueing it.
                "DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"12000\"",
                "AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"10000\""),
            _ -> Map.of());
    assertThat(post("\"Hi\"", "").statusCode()).isEqualTo(200);
    pid = world.stack().environmentPids("ChatFunction").getFirst();
  }

  @AfterEach
  void theEnvironmentSurvives(TestInfo test) throws IOException {
    assertThat(world.stack().environmentPids("ChatFunction"))
        .as(world.problems())
        .containsExactly(pid);
    System.err.println(test.getDisplayName() + ": " + used());
  }

  @AfterAll
  void stop() {
    world.close();
    http.close();
  }

  @Test
  void aRequestThatFillsTheLargestEventReachesTheProviderAsItIsAndIsRecorded() {
    String content = image("A".repeat(LARGEST_IMAGE));
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(post(content, ",\"user\":\"large\"").statusCode()).isEqualTo(200);
      assertThat(world.model().received().getLast().body()).contains(content);
    }
    assertThat(world.awaitTrail("large", "completed", ROUNDS)).hasSize(ROUNDS);
  }

  @Test
  void aLargeRequestMayBeChunkedAndWaitForTheContinue() {
    String content = image("A".repeat(5 * MIB));
    byte[] bytes = body(content, "").getBytes(StandardCharsets.UTF_8);
    var request =
        request().POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)));

    assertThat(send(request).statusCode()).isEqualTo(200);
    assertThat(send(request.expectContinue(true)).statusCode()).isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(content);
  }

  @Test
  void aProvidersErrorThatRepeatsALargeRequestIsTheCallers() {
    String input = "A".repeat(5 * MIB);
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                422,
                "{\"detail\":[{\"type\":\"value_error\",\"loc\":[\"body\",\"messages\"],\"input\":\""
                    + input
                    + "\"}]}"));

    var response = post(image(input), "");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("value_error", "messages").hasSizeLessThan(1000);
  }

  @Test
  void aRequestInAnyScriptReachesTheProviderInAsManyBytes() {
    String content = "\"" + "ж漢😀".repeat(600_000) + "\"";

    assertThat(post(content, "").statusCode()).isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(content);
  }

  @Test
  void aRequestOverTheLargestEventIsRefusedByTheFrontDoor() {
    assertThat(post(image("A".repeat(6 * MIB)), "").body()).contains("larger than 6 MB");
    // In the event each quote and each backslash takes two bytes.
    var quotes = post("\"" + "\\\"".repeat(1_600_000) + "\"", "");
    assertThat(quotes.statusCode()).isEqualTo(413);
    assertThat(quotes.body()).contains("larger than 6 MB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{},{}", "{\"a\":1}", "1.25,1.25,1.25,1.25", "[],[]"})
  void aRequestOfAMillionTinyValuesIsPassedOnAndALargerNumberIsRefused(String fourTokens) {
    String values = (fourTokens + ",").repeat(260_000);
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(post("\"Hi\"", ",\"metadata\":[" + values + "1]").statusCode()).isEqualTo(200);
    }

    var refused =
        post("\"Hi\"", ",\"metadata\":[" + values + (fourTokens + ",").repeat(2200) + "1]");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("1048576 tokens", "malformed_request");
  }

  @Test
  void aRequestOfHalfAMillionNamesIsPassedOn() {
    var names = new StringBuilder();
    for (int i = 0; i < 450_000; i++) {
      names.append(names.isEmpty() ? "" : ",").append("\"k").append(i).append("\":0");
    }
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(post("\"Hi\"", ",\"metadata\":{" + names + "}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aReplyOfFourMillionTinyValuesArrivesWhole() {
    String values = "{\"a\":1},".repeat(1_040_000);
    String reply = completion("Hi").replace("{\"choices\"", "{\"x\":[" + values + "1],\"choices\"");
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.json(200, reply));

      assertThat(post("\"Hi\"", "").body().equals(reply)).isTrue();
    }
  }

  @Test
  void aSchemaOf128LevelsReachesTheProvider() {
    // The body is one of them.
    String deep = "{\"a\":".repeat(127) + "1" + "}".repeat(127);

    assertThat(post("\"Hi\"", ",\"metadata\":" + deep).statusCode()).isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(deep);
  }

  @Test
  void aStreamOfSixteenMegabytesInSmallTokensArrivesWhole() {
    var tokens = Stream.generate(() -> "abc ").limit(16 * MIB / 160).toArray(String[]::new);
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.stream(tokens));

      String events = post("\"Hi\"", STREAM).body();

      assertThat(events.length()).isGreaterThan(16 * MIB);
      assertThat(events).endsWith("data: [DONE]\n\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"content\":\"DATA\"}",
        "{\"reasoning\":\"DATA\"}",
        "{\"images\":[{\"image_url\":{\"url\":\"data:image/png;base64,DATA\"}}]}",
        "{\"audio\":{\"data\":\"DATA\"}}",
        "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"DATA\"}}]}"
      })
  void oneEventOfFifteenMebibytesArrivesWhole(String delta) {
    String large = delta.replace("DATA", "A".repeat(15 * MIB));
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.stream("y").replaced("{\"content\":\"y\"}", large));

      String events = post("\"Hi\"", STREAM).body();

      assertThat(events.contains(large)).as(events.substring(0, 190)).isTrue();
      assertThat(events).endsWith("data: [DONE]\n\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "ж", "\\u00e9", "\\n", "😀"})
  void aWholeReplyOfFifteenMebibytesArrivesWholeAlsoAsTheOneChunkOfAStream(String letter) {
    String text = letter.repeat(15 * MIB / letter.getBytes(StandardCharsets.UTF_8).length);
    String reply = completion(text);
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.json(200, reply), ScriptedReply.json(200, reply));

      var whole = post("\"Hi\"", "");
      assertThat(whole.statusCode()).isEqualTo(200);
      assertThat(whole.body().equals(reply)).isTrue();

      var chunk = post("\"Hi\"", STREAM);
      assertThat(chunk.body().contains(text)).isTrue();
      assertThat(chunk.body()).endsWith("data: [DONE]\n\n");
    }
  }

  @Test
  void aReplyOverTheLimitIsAnErrorWithBothSizes() {
    String reply = completion("x".repeat(17 * MIB));
    for (int i = 0; i < ROUNDS; i++) {
      world.model().enqueue(ScriptedReply.json(200, reply));
      var whole = post("\"Hi\"", "");
      assertThat(whole.statusCode()).isEqualTo(502);
      assertThat(whole.body())
          .contains("model_malformed", "at least " + reply.length(), "the limit is 16777216");

      world.model().enqueue(ScriptedReply.stream("Hello", "x".repeat(17 * MIB)));
      try (var caller =
          StreamingCaller.post(world.stack().api(), COMPLETIONS, body("\"Hi\"", STREAM))) {
        var events = caller.events();
        assertThat(events.getLast()).contains("model_malformed", "at least 16777217 bytes");
        assertThat(caller.isWhole()).isFalse();
      }
    }
  }

  private static String completion(String text) {
    return "{\"choices\":[{\"message\":{\"content\":\""
        + text
        + "\"},\"finish_reason\":\"stop\"}]}";
  }

  private static String image(String base64) {
    return "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
        + base64
        + "\"}}]";
  }

  /** The most memory that the process has had, and the CPU time that it has used. */
  private String used() throws IOException {
    var process = Path.of("/proc/" + pid);
    String peak =
        Files.readAllLines(process.resolve("status")).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .findFirst()
            .orElse("");
    String[] times = Files.readString(process.resolve("stat")).split(" ", -1);
    long ticks = Long.parseLong(times[13]) + Long.parseLong(times[14]);
    return peak + ", " + ticks * 10 + " ms of CPU";
  }

  private static String body(String content, String fields) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]" + fields + "}";
  }

  /** Asks for a completion of one message with this content, and these further fields. */
  private HttpResponse<String> post(String content, String fields) {
    return send(request().POST(BodyPublishers.ofString(body(content, fields))));
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(URI.create(world.stack().api() + COMPLETIONS))
        .header("Content-Type", "application/json");
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    long start = System.nanoTime();
    var response = http.sendAsync(request.build(), BodyHandlers.ofString()).join();
    System.err.printf(
        "%,d characters received in %d ms%n",
        response.body().length(), (System.nanoTime() - start) / 1_000_000);
    return response;
  }
}
