package dev.skein.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The page and the plots of a {@link Comparison}. */
record ComparisonReport(Comparison run) {

  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=";

  /** Markdown, with links to the plots. */
  String page() {
    return """
    # The functions beside their alternatives, measured

    %s, with `%s%s`. %s. %s. What the figures mean is in [the read-me](../README.md).

    ## Ratios

    Medians of this run.

    %s
    ## Cold start

    Milliseconds: median (shortest to longest) of %d starts.

    ### From the start of the process to the first response

    %s
    ![Cold start: %s](cold.svg)

    ### Init: until the function asks for its first event

    %s
    ### First invoke, over the model's own time

    %s
    ## Warm, over TLS

    Milliseconds: %,d requests in sequence. With more than one run: median (smallest to largest) of the runs.

    %s
    ![CPU of a warm request](warm.svg)

    ## Size

    Classes are counted until the first response.

    %s
    ## Fan-out, over TLS

    Milliseconds, of a model that takes %d ms for each call.

    %s
    ## First token, over TLS

    Milliseconds from the request to the first token, of a model that answers at once: %,d streams each, in turns.

    %s\
    """
        .formatted(
            run.machine(),
            COMMAND,
            run.scale().name(),
            run.versions(),
            quota(),
            Ratios.of(run).markdown(),
            run.scale().starts(),
            cold(ColdStart::total).markdown(),
            run.customers().title(),
            cold(ColdStart::init).markdown(),
            firstInvoke().markdown(),
            run.scale().calls(),
            warm().markdown(),
            sizes().markdown(),
            FanOut.CALL.toMillis(),
            fanOut().markdown(),
            run.scale().streams(),
            firstToken().markdown());
  }

  /** SVG. */
  String coldPlot() {
    Condition condition = run.customers();
    var chart = new BarChart("Cold start in ms, " + condition.title(), "init", "first invoke");
    for (String name : run.started()) {
      var starts = run.starts(name, condition);
      if (!starts.isEmpty()) {
        chart.bar(
            name,
            Range.millis(starts, ColdStart::init).median(),
            Range.millis(starts, ColdStart::invoke).median());
      }
    }
    return chart.svg();
  }

  /** SVG. */
  String warmPlot() {
    var chart = new BarChart("CPU of a warm request in ms, TLS", "user and system time");
    run.warm()
        .forEach(
            (name, runs) -> {
              if (!runs.getFirst().cpu().isZero()) {
                chart.bar(name, Range.millis(runs, Warm::cpu).median());
              }
            });
    return chart.svg();
  }

  private String quota() {
    return switch (run.quota()) {
      case CpuQuota.Permitted _ ->
          "The limit of %s vCPU after init is a cgroup's, with a period of %d ms"
              .formatted(CpuQuota.VCPUS, CpuQuota.PERIOD_MICROS / 1_000);
      case CpuQuota.NotPermitted(String reason) ->
          "A limit of the CPU was not permitted on this machine (" + reason + ")";
    };
  }

  private MarkdownTable cold(Function<ColdStart, Duration> part) {
    return cold((start, _) -> part.apply(start));
  }

  private MarkdownTable firstInvoke() {
    return cold((start, condition) -> start.invoke().minus(condition.modelTime()));
  }

  private interface Part {
    Duration of(ColdStart start, Condition condition);
  }

  private MarkdownTable cold(Part part) {
    List<String> header = new ArrayList<>(List.of("function"));
    run.scale().conditions().forEach(condition -> header.add(condition.title()));
    boolean limited = run.quota() instanceof CpuQuota.Permitted;
    if (!limited) {
      header.add(Condition.TLS_LIMITED.title());
    }
    var table = new MarkdownTable(header.toArray(String[]::new));
    for (String name : run.started()) {
      List<String> cells = new ArrayList<>(List.of(name));
      for (Condition condition : run.scale().conditions()) {
        var starts = run.starts(name, condition);
        cells.add(
            starts.isEmpty()
                ? ""
                : Range.millis(starts, start -> part.of(start, condition)).text(0));
      }
      if (!limited) {
        cells.add("not permitted");
      }
      table.row(cells.toArray(String[]::new));
    }
    return table;
  }

  private MarkdownTable warm() {
    var table =
        new MarkdownTable(
            "called", "p50, first 500", "p50, last 500", "p99, last 500", "CPU", "RSS, MB");
    run.warm()
        .forEach(
            (name, runs) -> {
              boolean process = !runs.getFirst().cpu().isZero();
              table.row(
                  name,
                  Range.millis(runs, it -> it.first().median()).text(2),
                  Range.millis(runs, it -> it.last().median()).text(2),
                  Range.millis(runs, it -> it.last().percentile(99)).text(2),
                  process ? Range.millis(runs, Warm::cpu).text(2) : "",
                  process ? megabytes(runs).text(0) : "");
            });
    return table;
  }

  private static Range megabytes(List<Warm> runs) {
    return Range.of(
        runs.stream().map(it -> (double) it.residentBytes() / Ratios.MEGABYTE).toList());
  }

  private MarkdownTable sizes() {
    var table = new MarkdownTable("function", "zip, MB", "classes");
    for (String name : run.started()) {
      Long zip = run.zipBytes().get(name);
      Long classes = run.classes().get(name);
      table.row(
          name,
          zip == null ? "" : "%.1f".formatted((double) zip / Ratios.MEGABYTE),
          classes == null ? "" : "%,d".formatted(classes));
    }
    return table;
  }

  private MarkdownTable fanOut() {
    var table = new MarkdownTable("calls", "ideal", "measured", "over the ideal");
    var ideals = FanOut.ideals();
    run.fanOut()
        .forEach(
            (name, times) -> {
              Range measured = Range.millis(times, time -> time);
              double ideal = ideals.getOrDefault(name, FanOut.CALL).toNanos() / 1e6;
              table.row(
                  name,
                  "%.0f".formatted(ideal),
                  measured.text(1),
                  "%.3f".formatted(measured.median() / ideal));
            });
    return table;
  }

  private MarkdownTable firstToken() {
    var table = new MarkdownTable("read at", "p50", "p99");
    run.firstToken()
        .spreads()
        .forEach((place, spread) -> table.times(place, spread.median(), spread.percentile(99)));
    return table;
  }
}
