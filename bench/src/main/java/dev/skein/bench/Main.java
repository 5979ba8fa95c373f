package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Measures, prints the results and writes them down. */
public final class Main {

  private static final Set<String> WHAT =
      new TreeSet<>(Set.of("quick", "full", "stream", "client", "audit"));

  private Main() {}

  /**
   * Measures once; the exit code is 1 when nothing could be measured.
   *
   * @param args the folder of the whole project, built; what is measured, {@code quick}, {@code
   *     full}, {@code stream}, {@code client} or {@code audit}; and, if it is not empty, how often
   *     each function is started
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path house = Path.of(args[0]).toAbsolutePath().normalize();
    try {
      measure(house, args[1], args.length > 2 ? args[2] : "");
    } catch (MeasurementException e) {
      Progress.print(Objects.requireNonNull(e.getMessage()));
      System.exit(1);
    }
  }

  private static void measure(Path house, String what, String starts)
      throws IOException, InterruptedException {
    switch (what) {
      case "quick" -> compare(house, Scale.quick(), starts);
      case "full" -> compare(house, Scale.full(), starts);
      case "stream" -> {
        StreamReport streams = StreamReport.measure(house);
        write(house, "stream.svg", streams.plot());
        write(house, "stream.md", streams.page());
      }
      case "client" -> write(house, "client.md", ClientReport.measure());
      case "audit" -> write(house, "audit.md", AuditReport.measure(house));
      default ->
          throw new MeasurementException("bench.what is one of " + WHAT + ", and not " + what);
    }
  }

  private static void compare(Path house, Scale scale, String starts)
      throws IOException, InterruptedException {
    Scale wanted = starts.isEmpty() ? scale : scale.withStarts(Integer.parseInt(starts));
    var report = new ComparisonReport(Comparison.measure(house, wanted));
    write(house, "cold.svg", report.coldPlot());
    write(house, "warm.svg", report.warmPlot());
    write(house, "comparison.md", report.page());
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
}
