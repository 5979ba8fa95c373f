package dev.skein.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** The results of the chat function as a page of Markdown. */
final class ChatReport {

  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=chat";

  private ChatReport() {}

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

  /** Date, cores, JDK and load of this machine: to be called before measuring. */
  static String machine() {
    return "%s, %d cores (%s), %s, load average %s at the start"
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.arch"),
            System.getProperty("java.vendor.version", Runtime.version().toString()),
            tenths(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
  }

  private static MarkdownTable cold(Map<Subject, List<ColdStart>> cold) {
    MarkdownTable table =
        new MarkdownTable("function", "init", "first invoke", "spawn to first response");
    cold.forEach(
        (subject, starts) ->
            table.row(
                subject.name(),
                range(ColdStart.spread(starts, ColdStart::init)),
                range(ColdStart.spread(starts, ColdStart::invoke)),
                range(ColdStart.spread(starts, ColdStart::total))));
    return table;
  }

  private static MarkdownTable warm(Warm warm) {
    Spread chat = warm.chat();
    Spread direct = warm.direct();
    // Of the medians only: the 99th percentiles are not those of the same call.
    Duration added = chat.median().minus(direct.median());
    return new MarkdownTable("call", "p50", "p99")
        .times("chat, from event to response", chat.median(), chat.percentile(99))
        .times("the stub model alone", direct.median(), direct.percentile(99))
        .row("difference: what the function adds", MarkdownTable.millis(added), "");
  }

  private static String range(Spread spread) {
    return "%d (%d to %d)"
        .formatted(whole(spread.median()), whole(spread.min()), whole(spread.max()));
  }

  private static String tenths(double number) {
    return "%.1f".formatted(number);
  }

  private static long whole(Duration time) {
    return Math.round(time.toNanos() / 1e6);
  }
}
