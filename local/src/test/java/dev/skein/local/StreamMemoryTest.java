package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What thousands of streams leave behind in the one environment that serves them. */
@Timeout(1200)
class StreamMemoryTest {
  private static final int STREAMS = Integer.getInteger("skein.streams", 800);
  private static final int TO_GET_WARM = 300;

  /**
   * Nobody consumes the records, which would take more of the machine's time than the streams; and
   * every one has the time to reach the queue.
   */
  private static final Map<String, String> EDITS =
      Map.of(
          "BatchSize: 200", "BatchSize: 200\n            Enabled: false",
          "AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"10000\"",
          "DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"12000\"");

  /** A kilobyte for each stream would be twice as much. */
  private static final long MOST_GROWTH_BYTES = 512L * STREAMS;

  /** What a process holds: its live heap after a full collection, and what the system counts. */
  private record Held(long heapBytes, long files, long threads) {

    static Held by(long pid) throws IOException, InterruptedException {
      var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      var histogram =
          new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      var text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var total = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)").matcher(text);
      assertThat(total.find()).as(text).isTrue();
      try (var files = Files.list(Path.of("/proc/" + pid + "/fd"));
          var threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
        return new Held(Long.parseLong(total.group(1)), files.count(), threads.count());
      }
    }
  }

  @Test
  void memoryFilesAndThreadsStayWhereTheyWere(@TempDir Path folder) throws Exception {
    var settings = FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "1"));
    try (var world = RunningStack.withPlaces(folder, settings, EDITS, _ -> Map.of())) {
      var tokens = IntStream.range(0, 20).mapToObj(i -> "token " + i).toArray(String[]::new);
      world.model().script(_ -> ScriptedReply.stream(tokens));
      stream(world, TO_GET_WARM);
      long pid = world.stack().environmentPids("ChatFunction").getFirst();
      Held before = Held.by(pid);

      stream(world, STREAMS);

      Held after = Held.by(pid);
      System.err.printf("%d streams: %s, then %s%n", STREAMS, before, after);
      assertThat(world.stack().environmentPids("ChatFunction")).containsExactly(pid);
      assertThat(after.heapBytes() - before.heapBytes()).isLessThan(MOST_GROWTH_BYTES);
      assertThat(after.files() - before.files()).isLessThanOrEqualTo(4);
      assertThat(after.threads() - before.threads()).isLessThanOrEqualTo(4);
    }
  }

  private static void stream(RunningStack world, int count) {
    for (int i = 0; i < count; i++) {
      boolean chat = i % 2 == 0;
      String body =
          chat
              ? "{\"message\":\"Hi\",\"stream\":true}"
              : "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true}";
      try (var caller =
          StreamingCaller.post(
              world.stack().api(), chat ? "/chat" : "/v1/chat/completions", body)) {
        assertThat(caller.events().size()).isGreaterThan(20);
        assertThat(caller.isWhole()).isTrue();
      }
    }
  }
}
