package dev.skein.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures the model client alone, and reports it as a page of Markdown. */
final class ClientReport {
  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=client";

  private ClientReport() {}

  static String measure() throws InterruptedException {
    String machine = Machine.describe();
    Progress.print(
        "Measuring the model client: %,d deadlines, then JMH.".formatted(Overshoot.CALLS));
    var overshoot = Overshoot.measure();
    return """
    # The model client, measured

    %s, with `%s`. What the figures mean is in [the read-me](../README.md).

    ## What it adds to a call

    Microseconds a call, one after the other, on loopback (JMH, with the error of its mean).

    %s
    ## Deadlines

    Milliseconds after the deadline: %,d calls with 50 to 250 ms each, against servers that hang, stall or drip.

    %s\
    """
        .formatted(
            machine,
            COMMAND,
            overhead().markdown(),
            Overshoot.CALLS,
            deadlines(overshoot).markdown());
  }

  private static MarkdownTable overhead() {
    Map<String, Result<?>> results = new HashMap<>();
    run().forEach(it -> results.put(it.getPrimaryResult().getLabel(), it.getPrimaryResult()));
    var bare = result(results, "bare");
    var whole = result(results, "whole");
    var streamed = result(results, "streamed");
    return new MarkdownTable("call", "time", "more than the JDK's client")
        .row("`java.net.http` and a tree of the reply", microseconds(bare), "")
        .row("the client, answered whole", microseconds(whole), more(whole, bare))
        .row("the client, answered with a stream", microseconds(streamed), more(streamed, bare));
  }

  private static Collection<RunResult> run() {
    try {
      return new Runner(
              new OptionsBuilder()
                  .include(ClientOverhead.class.getName())
                  .shouldFailOnError(true)
                  .build())
          .run();
    } catch (RunnerException e) {
      throw new MeasurementException("JMH could not measure: " + e.getMessage());
    }
  }

  private static Result<?> result(Map<String, Result<?>> results, String name) {
    var result = results.get(name);
    if (result == null) {
      throw new MeasurementException("JMH has measured nothing named " + name);
    }
    return result;
  }

  private static String microseconds(Result<?> result) {
    return String.format(Locale.ROOT, "%.1f ± %.1f", result.getScore(), result.getScoreError());
  }

  private static String more(Result<?> result, Result<?> bare) {
    return String.format(Locale.ROOT, "%.1f", result.getScore() - bare.getScore());
  }

  private static MarkdownTable deadlines(Overshoot overshoot) {
    return new MarkdownTable("until", "p50", "p99", "longest")
        .times("the caller has the outcome", overshoot.end().summary())
        .times("the server has seen the close", overshoot.close().summary());
  }
}
