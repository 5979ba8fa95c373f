package dev.skein.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** The figures that matter most, each beside what it is to be compared with: medians of one run. */
final class Ratios {

  private static final List<String> OURS = List.of(Functions.CHAT, Functions.CHAT_AOT);

  /** As Lambda counts memory and zips. */
  static final int MEGABYTE = 1 << 20;

  private final Comparison run;
  private final MarkdownTable table = new MarkdownTable("figure", "value");

  private Ratios(Comparison run) {
    this.run = run;
  }

  static MarkdownTable of(Comparison run) {
    var ratios = new Ratios(run);
    run.scale().conditions().forEach(ratios::cold);
    OURS.forEach(ratios::warm);
    ratios.fanOut();
    ratios.firstToken();
    return ratios.table;
  }

  private void cold(Condition condition) {
    Optional<Double> mangum = total(Peers.MANGUM, condition);
    for (String subject : List.of(Functions.CHAT, Functions.CHAT_AOT, Peers.BOTO3)) {
      ratio(
          "cold start of %s over FastAPI behind Mangum, %s".formatted(subject, condition.title()),
          total(subject, condition),
          mangum);
    }
    for (String subject : OURS) {
      millis(
          "first invoke of %s over the model's own time, %s".formatted(subject, condition.title()),
          cold(subject, condition, start -> start.invoke().minus(condition.modelTime())));
    }
  }

  private void warm(String subject) {
    millis("warm %s, p50 of the first 500".formatted(subject), p50(subject, Warm::first));
    millis("warm %s, p50 of the last 500".formatted(subject), p50(subject, Warm::last));
    Optional<Double> cpu = warm(subject, it -> it.cpu().toNanos() / 1e6);
    millis("warm %s, CPU of a request".formatted(subject), cpu);
    ratio(
        "warm %s, CPU of a request over FastAPI behind Mangum".formatted(subject),
        cpu,
        warm(Peers.MANGUM, it -> it.cpu().toNanos() / 1e6));
    row(
        "warm %s, resident memory".formatted(subject),
        warm(subject, it -> (double) it.residentBytes() / MEGABYTE).map("%.0f MB"::formatted));
  }

  private void fanOut() {
    ratio("3 calls over 1, both through the function", calls(FanOut.THREE), calls(FanOut.ONE));
    for (String name : List.of(FanOut.EVEN, FanOut.UNEVEN, FanOut.CLIENT_EACH, FanOut.SEQUENCE)) {
      Optional<Double> ideal = Optional.ofNullable(FanOut.ideals().get(name)).map(Ratios::millis);
      ratio(name + ", over the ideal", calls(name), ideal);
    }
  }

  private void firstToken() {
    millis(
        "first token at the Runtime API over the model's own, p50, TLS",
        run.firstToken().added().map(Ratios::millis));
  }

  private Optional<Double> total(String subject, Condition condition) {
    return cold(subject, condition, ColdStart::total);
  }

  private Optional<Double> cold(
      String subject, Condition condition, Function<ColdStart, Duration> part) {
    var starts = run.starts(subject, condition);
    return starts.isEmpty() ? Optional.empty() : Optional.of(Range.millis(starts, part).median());
  }

  private Optional<Double> p50(String subject, Function<Warm, Spread> window) {
    return warm(subject, it -> millis(window.apply(it).median()));
  }

  private Optional<Double> warm(String subject, Function<Warm, Double> figure) {
    return Optional.ofNullable(run.warm().get(subject))
        .map(runs -> Range.of(runs.stream().map(figure).toList()).median());
  }

  private Optional<Double> calls(String name) {
    return Optional.ofNullable(run.fanOut().get(name))
        .map(times -> Range.millis(times, time -> time).median());
  }

  private void ratio(String figure, Optional<Double> value, Optional<Double> reference) {
    row(
        figure,
        value.flatMap(own -> reference.map(it -> String.format(Locale.ROOT, "%.3f", own / it))));
  }

  private void millis(String figure, Optional<Double> value) {
    row(figure, value.map("%.2f ms"::formatted));
  }

  private void row(String figure, Optional<String> value) {
    table.row(figure, value.orElse("not measured"));
  }

  private static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }
}
