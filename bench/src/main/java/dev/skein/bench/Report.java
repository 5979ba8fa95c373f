package dev.skein.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** The results as a page of Markdown, with what a reader needs to judge them. */
final class Report {

  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=chat";

  private Report() {}

  static String of(String machine, Map<Subject, List<ColdStart>> cold, Warm warm) {
    int runs = cold.values().iterator().next().size();
    return """
    # The chat function, measured

    %s, with `%s`. What the figures mean is in [the read-me](../README.md).

    ## Cold start

    Milliseconds: median (shortest to longest) of %d starts.

    %s
    ## Warm

    Milliseconds: %,d calls in sequence, in one environment.

    %s
    Each chat sent %s audit messages.
    """
        .formatted(
            machine,
            COMMAND,
            runs,
            cold(cold).markdown(),
            Warm.CALLS,
            warm(warm).markdown(),
            tenths(warm.messages()));
  }

  /** Date, cores, JDK, and how busy the machine is with other things: ask before measuring. */
  static String machine() {
    return "%s, %d cores (%s), %s, load average %s at the start"
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.arch"),
            System.getProperty("java.vendor.version", Runtime.version().toString()),
            tenths(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
  }

  private static Table cold(Map<Subject, List<ColdStart>> cold) {
    Table table = new Table("function", "init", "first invoke", "spawn to first response");
    cold.forEach(
        (subject, starts) ->
            table.row(
                subject.name(),
                range(ColdStart.spread(starts, ColdStart::init)),
                range(ColdStart.spread(starts, ColdStart::invoke)),
                range(ColdStart.spread(starts, ColdStart::total))));
    return table;
  }

  private static Table warm(Warm warm) {
    Spread chat = warm.chat();
    Spread direct = warm.direct();
    return new Table("call", "p50", "p99")
        .row("chat, from event to response", hundredths(chat, 50), hundredths(chat, 99))
        .row("the stub model alone", hundredths(direct, 50), hundredths(direct, 99))
        .row("difference: what the function adds", added(warm), "");
  }

  private static String range(Spread spread) {
    return "%d (%d to %d)"
        .formatted(whole(spread.median()), whole(spread.min()), whole(spread.max()));
  }

  /** Of the medians only: two 99th percentiles are not the same call's, nor is their difference. */
  private static String added(Warm warm) {
    return hundredths(warm.chat().median().minus(warm.direct().median()));
  }

  private static String hundredths(Spread spread, int percent) {
    return hundredths(spread.percentile(percent));
  }

  static String hundredths(Duration time) {
    return "%.2f".formatted(time.toNanos() / 1e6);
  }

  private static String tenths(double number) {
    return "%.1f".formatted(number);
  }

  private static long whole(Duration time) {
    return Math.round(time.toNanos() / 1e6);
  }
}
