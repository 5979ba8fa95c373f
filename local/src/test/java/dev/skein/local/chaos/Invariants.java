package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.local.chaos.Caller.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What has to hold after every run, whatever was killed or refused. For one thread. */
final class Invariants {
  private static final int SHOWN = 10;

  private final ChaosPlan plan;
  private final ModelScript model;
  private final Set<Integer> killed;
  private final Trail trail;
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final Map<String, JsonNode> records;

  /** The IDs of records in the dead-letter queue, from which a redrive would bring them back. */
  private final Set<String> deadLetters;

  private final List<String> violations = new ArrayList<>();

  Invariants(
      ChaosPlan plan, ModelScript model, Set<Integer> killed, List<Answer> answers, Trail trail) {
    this.plan = plan;
    this.model = model;
    this.killed = killed;
    this.trail = trail;
    this.records = trail.byId();
    this.deadLetters = trail.deadLetterIds();
    answers.forEach(answer -> this.answers.put(answer.request().number(), answer));
  }

  /**
   * Checks everything.
   *
   * @param poison the messages that were planted
   * @return how many violations of each kind there are, and the first ones; empty if there are none
   */
  List<String> violations(List<String> poison) {
    answers.values().forEach(this::checkAnswer);
    trail.all().forEach(this::checkOwner);
    checkTwins();
    records.values().forEach(this::checkEnd);
    new ChainCheck(trail).violations().forEach(it -> add("chain", it));
    if (!sorted(trail.deadLetters()).equals(sorted(poison))) {
      var others = new ArrayList<>(trail.deadLetters());
      others.removeAll(poison);
      add("dead letters", "the planted ones and %d others: %s".formatted(others.size(), others));
    }
    return summary();
  }

  private List<String> summary() {
    var counts = new TreeMap<String, Integer>();
    violations.forEach(it -> counts.merge(it.substring(0, it.indexOf(':')), 1, Integer::sum));
    var lines = new ArrayList<String>();
    counts.forEach((kind, count) -> lines.add(count + " " + kind));
    violations.stream().limit(SHOWN).forEach(lines::add);
    return lines;
  }

  private void add(String kind, Object what) {
    violations.add(kind + ": " + what);
  }

  private static List<String> sorted(List<String> texts) {
    return texts.stream().sorted().toList();
  }

  /** What a caller got, and whether the trail knows of it. */
  private void checkAnswer(Answer answer) {
    int number = answer.request().number();
    if (answer.timedOut()) {
      add("hung", answer);
    }
    if (!killed.contains(number) && !answer.isComplete() && !answer.request().leaves()) {
      // A kill that was planned and missed leaves a model that is late.
      boolean missed = answer.request().kill() != ChaosPlan.Kill.NEVER && answer.status() >= 500;
      if (!missed || !answer.ended()) {
        add("no answer", answer);
      }
    }
    if (!Set.of().equals(strangers(number, answer.body()))) {
      add("misrouted", "a reply with another request's text: " + answer);
    }
    boolean released = answer.status() == 200 || !answer.auditId().isEmpty();
    if (released && answer.auditId().isEmpty()) {
      add("lost", "a reply without an audit ID: " + answer);
    } else if (released
        && !records.containsKey(answer.auditId())
        && !deadLetters.contains(answer.auditId())) {
      add("lost", answer);
    }
  }

  /** The numbers of other requests in a text. */
  private static Set<Integer> strangers(int own, String text) {
    var numbers = new TreeSet<>(ChaosPlan.numbers(text));
    numbers.remove(own);
    return numbers;
  }

  /** Each record is of one request, in all of its fields, and of the caller who got its ID. */
  private void checkOwner(JsonNode record) {
    int number = Trail.request(record).orElse(-1);
    var request = plan.request(number);
    var answer = answers.get(number);
    boolean own =
        record.path("user_id").asText().equals(request.userId())
            && record.path("endpoint").asText().equals(request.route().path)
            && ChaosPlan.numbers(record.path("message_preview").asText()).equals(Set.of(number))
            && strangers(number, record.toString()).isEmpty();
    if (!own || answer == null) {
      add("misrouted", record);
    } else if (!answer.auditId().isEmpty() && !answer.auditId().equals(Trail.id(record))) {
      add("misrouted", "%s is not of %s".formatted(record, answer));
    } else if (!answer.auditId().isEmpty() && !answer.requestId().equals(Trail.requestId(record))) {
      add("misrouted", "%s is of another invocation than %s".formatted(record, answer));
    }
  }

  /** A request has one ID; records of one ID and phase are the same in both places. */
  private void checkTwins() {
    var ids = new HashMap<Integer, String>();
    for (JsonNode record : trail.all()) {
      String other = ids.putIfAbsent(Trail.request(record).orElse(-1), Trail.id(record));
      if (other != null && !other.equals(Trail.id(record))) {
        add("doubled", "one request has the IDs %s and %s".formatted(other, Trail.id(record)));
      }
    }
    var stored = new HashMap<String, JsonNode>();
    for (JsonNode record : trail.table()) {
      if (stored.put(Trail.id(record), record) != null) {
        add("doubled", "the table has two records of " + Trail.id(record));
      }
    }
    for (JsonNode record : trail.logged()) {
      var twin = stored.get(Trail.id(record));
      if (twin != null && twin.path("phase").equals(record.path("phase"))) {
        checkSame(record, twin);
      }
    }
  }

  private void checkSame(JsonNode logged, JsonNode stored) {
    for (var field : logged.properties()) {
      if (!Items.areEqual(field.getValue(), stored.path(field.getKey()))) {
        add("doubled", "%s differs: %s, %s".formatted(field.getKey(), logged, stored));
      }
    }
  }

  /**
   * Only a kill leaves an intent alone; otherwise the record says what the caller and the model
   * saw.
   */
  private void checkEnd(JsonNode record) {
    int number = Trail.request(record).orElse(-1);
    if (!Trail.isCompleted(record)) {
      if (!killed.contains(number) && !deadLetters.contains(Trail.id(record))) {
        add("incomplete", "without a kill: " + record);
      }
      return;
    }
    var answer = answers.get(number);
    if (answer != null && answer.ended() && !answer.auditId().isEmpty()) {
      if (record.path("status").asInt() != answer.status()) {
        add("misrouted", "%s has another status than %s".formatted(record, answer));
      }
    }
    // A process that was killed takes its count with it.
    int calls = model.calls(number);
    if (!killed.contains(number)
        && (record.path("calls").path("total").asInt() != calls
            || record.path("attempts").asInt() != calls)) {
      add("doubled", "the model was called %d times, in the record %s".formatted(calls, record));
    }
  }
}
