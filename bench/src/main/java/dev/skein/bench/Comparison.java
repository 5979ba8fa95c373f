package dev.skein.bench;

import dev.skein.bench.ColdStart.Case;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions beside what users would pick instead, in one run.
 *
 * @param scale what was measured
 * @param machine described before the run
 * @param versions of what the peers need
 * @param quota whether there was a limit of the CPU
 * @param cold starts of each subject under each condition
 * @param warm runs by name
 * @param classes that a JVM loads until its first response, by name
 * @param zipBytes by name
 * @param fanOut times by what was called
 * @param firstToken over TLS
 */
record Comparison(
    Scale scale,
    String machine,
    String versions,
    CpuQuota quota,
    Map<Case, List<ColdStart>> cold,
    Map<String, List<Warm>> warm,
    Map<String, Long> classes,
    Map<String, Long> zipBytes,
    Map<String, List<Duration>> fanOut,
    FirstToken firstToken) {

  /** Measures all of it, which a wrong reply of any subject stops. */
  static Comparison measure(Path house, Scale wanted) throws IOException, InterruptedException {
    var functions = new Functions(house, Folder.empty(house.resolve("bench/target/measured")));
    if (!functions.isAotBuilt()) {
      Progress.print("Skipped: %s, because it has not been built.".formatted(Functions.CHAT_AOT));
    }
    Peers peers = Peers.install(functions, wanted.heavy());
    String machine = Machine.describe();
    try (TestBed bed = TestBed.open(functions.work())) {
      return measure(bed, wanted.under(bed.quota()), functions, peers, machine);
    }
  }

  private static Comparison measure(
      TestBed bed, Scale scale, Functions functions, Peers peers, String machine)
      throws IOException, InterruptedException {
    List<Subject> subjects = new ArrayList<>(functions.all());
    subjects.addAll(peers.functions());
    List<Subject> warm = new ArrayList<>(functions.chats());
    warm.addAll(peers.functions());
    Progress.print("Measuring %d subjects: cold starts …".formatted(subjects.size()));
    var cold = ColdStart.measure(bed, subjects, scale.conditions(), scale.starts());
    Progress.print("… classes, %,d warm calls, fan-out, first token …".formatted(scale.calls()));
    return new Comparison(
        scale,
        machine,
        peers.versions(),
        bed.quota(),
        cold,
        Warm.measure(bed, warm, peers.servers(), scale.calls(), scale.runs()),
        LoadedClasses.count(bed, subjects, functions.work()),
        zipBytes(subjects),
        FanOut.measure(bed, functions, scale.runs()),
        FirstToken.overTls(bed, functions, scale.streams()));
  }

  private static Map<String, Long> zipBytes(List<Subject> subjects) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    subjects.stream()
        .filter(subject -> subject.zipBytes() > 0)
        .forEach(subject -> sizes.put(subject.name(), subject.zipBytes()));
    return sizes;
  }

  /** Names of the subjects that were started, in the order of the tables. */
  List<String> started() {
    return cold.keySet().stream().map(it -> it.subject().name()).distinct().toList();
  }

  /** The starts of one subject under one condition; empty if there were none. */
  List<ColdStart> starts(String subject, Condition condition) {
    return cold.entrySet().stream()
        .filter(it -> it.getKey().subject().name().equals(subject))
        .filter(it -> it.getKey().condition().equals(condition))
        .flatMap(it -> it.getValue().stream())
        .toList();
  }

  /** The condition that is closest to a customer's. */
  Condition customers() {
    return quota instanceof CpuQuota.Permitted ? Condition.TLS_LIMITED : Condition.TLS;
  }
}
