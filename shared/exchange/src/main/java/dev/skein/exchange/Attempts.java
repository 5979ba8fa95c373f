package dev.skein.exchange;

import dev.skein.api.Problem;
import dev.skein.audit.AuditRecord.Tried;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * All attempts of one request's calls, for headers, records and logs: equal ones are counted
 * together, in the order in which each first appeared.
 */
record Attempts(int count, List<Tried> tried) {
  private static final int MAX_CHARACTERS = 1000;
  private static final Pattern INVISIBLE = Pattern.compile("[^!-~]|,");

  static Attempts of(List<LlmResult> results) {
    var counts = new LinkedHashMap<Tried, Integer>();
    int total = 0;
    for (var result : results) {
      for (var attempt : result.attempts()) {
        counts.merge(new Tried(attempt.model(), nameOf(attempt.outcome()), 1), 1, Integer::sum);
        total++;
      }
    }
    var tried = new ArrayList<Tried>(counts.size());
    for (var it : counts.entrySet()) {
      tried.add(new Tried(it.getKey().model(), it.getKey().result(), it.getValue()));
    }
    return new Attempts(total, tried);
  }

  private static String nameOf(LlmOutcome outcome) {
    return OutcomeProblems.of(outcome).map(Problem::name).orElse("ok");
  }

  /** The headers of a reply. */
  Map<String, String> headers() {
    String count = Integer.toString(count());
    String text = text();
    return text.isEmpty()
        ? Map.of("X-Skein-Attempts", count)
        : Map.of("X-Skein-Attempts", count, "X-Skein-Tried", text);
  }

  /** One line of ASCII for a header; what would make it too long is left out. */
  String text() {
    var text = new StringBuilder();
    for (var it : tried) {
      String times = it.count() == 1 ? "" : " x" + it.count();
      String entry = visible(it.model()) + " " + it.result() + times;
      String next = text.isEmpty() ? entry : ", " + entry;
      if (text.length() + next.length() > MAX_CHARACTERS) {
        break;
      }
      text.append(next);
    }
    return text.toString();
  }

  /** The operator may name a model anything: nothing in it may end the entry, or the header. */
  private static String visible(String model) {
    return INVISIBLE.matcher(model).replaceAll("_");
  }
}
