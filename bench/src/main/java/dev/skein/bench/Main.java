package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Measures, prints the results and writes them down. */
public final class Main {

  private static final Set<String> WHAT = new TreeSet<>(Set.of("chat", "stream", "client", "all"));

  private Main() {}

  /**
   * Measures once; the exit code is 1 when nothing could be measured.
   *
   * @param args the folder of the whole project, built; how often each function is started; and
   *     what is measured, {@code chat}, {@code stream}, {@code client} or {@code all}
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path house = Path.of(args[0]).toAbsolutePath().normalize();
    String what = args[2];
    try {
      if (!WHAT.contains(what)) {
        throw new MeasurementException("bench.what is one of " + WHAT + ", and not " + what);
      }
      if (what.equals("chat") || what.equals("all")) {
        write(house, "chat.md", measure(house, Integer.parseInt(args[1])));
      }
      if (what.equals("stream") || what.equals("all")) {
        StreamReport streams = StreamReport.measure(house);
        write(house, "stream.svg", streams.plot());
        write(house, "stream.md", streams.page());
      }
      if (what.equals("client") || what.equals("all")) {
        write(house, "client.md", ClientReport.measure());
      }
    } catch (MeasurementException e) {
      Progress.print(Objects.requireNonNull(e.getMessage()));
      System.exit(1);
    }
  }

  private static void write(Path house, String name, String results) throws IOException {
    Path page = house.resolve("bench/results").resolve(name);
    Files.createDirectories(page.resolveSibling("."));
    Files.writeString(page, results);
    if (name.endsWith(".md")) {
      Progress.print(results);
    }
    Progress.print("Written to " + house.relativize(page));
  }

  private static String measure(Path house, int runs) throws IOException, InterruptedException {
    String machine = ChatReport.machine();
    Path libraries = house.resolve("local/parts/runtime/target/lib");
    Path work = Files.createTempDirectory(house.resolve("bench/target"), "measured");
    byte[] event = Files.readAllBytes(house.resolve("events/chat.json"));
    try (Upstream upstream = new Upstream()) {
      Path root =
          Subject.unpack(house.resolve("functions/chat/target/chat.zip"), work.resolve("chat"));
      List<Subject> subjects = new ArrayList<>(Floor.of(house, libraries, root, work));
      Subject queued =
          Subject.chat(root, upstream.model(), upstream.queue(), "default", Upstream.TEXT);
      subjects.add(Subject.chat(root, upstream.model(), upstream.queue(), "log", Upstream.TEXT));
      subjects.add(queued);
      Progress.print(
          "Measuring: %d rounds of cold starts, then %,d warm calls.".formatted(runs, Warm.CALLS));
      var cold = ColdStart.measure(subjects, libraries, event, runs);
      return ChatReport.of(machine, cold, Warm.measure(queued, libraries, event, upstream));
    }
  }
}
