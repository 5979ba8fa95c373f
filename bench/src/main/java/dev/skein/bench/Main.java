package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Measures, prints the results and writes them down. */
public final class Main {

  private Main() {}

  /**
   * Measures once; the exit code is 1 when nothing could be measured.
   *
   * @param args the folder of the whole project, built; how often each function is started; and
   *     what is measured, {@code chat}, {@code client} or {@code all}
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path house = Path.of(args[0]).toAbsolutePath().normalize();
    String what = args[2];
    try {
      if (!Set.of("chat", "client", "all").contains(what)) {
        throw new MeasurementException("bench.what is chat, client or all, and not " + what);
      }
      if (!what.equals("client")) {
        write(house, "chat.md", measure(house, Integer.parseInt(args[1])));
      }
      if (!what.equals("chat")) {
        write(house, "client.md", ClientReport.measure());
      }
    } catch (MeasurementException e) {
      Console.say(Objects.requireNonNull(e.getMessage()));
      System.exit(1);
    }
  }

  private static void write(Path house, String name, String results) throws IOException {
    Path page = house.resolve("bench/results").resolve(name);
    Files.createDirectories(page.resolveSibling("."));
    Files.writeString(page, results);
    Console.say(results);
    Console.say("Written to " + house.relativize(page));
  }

  private static String measure(Path house, int runs) throws IOException, InterruptedException {
    String machine = Report.machine();
    Path libraries = house.resolve("local/parts/runtime/target/lib");
    Path work = Files.createTempDirectory(house.resolve("bench/target"), "measured");
    byte[] event = Files.readAllBytes(house.resolve("events/chat.json"));
    try (Upstream upstream = new Upstream()) {
      Path root =
          Subject.unpack(house.resolve("functions/chat/target/chat.zip"), work.resolve("chat"));
      Subject nothing =
          Subject.hello(house, libraries, Files.createDirectory(work.resolve("hello")));
      Subject logged = Subject.chat(root, upstream, "log");
      Subject queued = Subject.chat(root, upstream, "default");
      Console.say(
          "Measuring: %d rounds of cold starts, then %,d warm calls.".formatted(runs, Warm.CALLS));
      var cold = ColdStart.measure(List.of(nothing, logged, queued), libraries, event, runs);
      return Report.of(machine, cold, Warm.measure(queued, libraries, event, upstream));
    }
  }
}
