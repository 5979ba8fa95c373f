package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.BillingProvider;
import dev.skein.faults.BillingProvider.Item;
import dev.skein.faults.BillingProvider.Kind;
import dev.skein.faults.ScriptedModel;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the service says its calls cost is what the provider's own bill says, to the billionth of a
 * dollar, or it is unknown; and what it cannot know lies within the bounds that it gives.
 *
 * <p>{@code -Dskein.bill.calls} is the number of requests. Their kinds and sizes follow from {@code
 * -Dskein.seed}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(3600)
class BillTest {
  private static final int CALLS = Integer.getInteger("skein.bill.calls", 300);
  private static final long SEED = Long.getLong("skein.seed", 1);
  private static final int CALLERS = 6;
  private static final String COST = "x-skein-cost-usd";

  private final BillingProvider provider = new BillingProvider(SEED);
  private RunningStack world;

  /** One request, and what the caller saw. */
  private record Sent(int number, BillPlan plan, Optional<String> cost, boolean saysCost) {}

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Path prices = Files.writeString(folder.resolve("prices.txt"), BillingProvider.PRICES);
    world =
        RunningStack.start(
            FreePorts.settings(Map.of()), model -> variables(model, prices.toString()));
    world.model().script(provider);
  }

  private static Map<String, String> variables(ScriptedModel model, String prices) {
    var variables = new HashMap<>(RunningStack.patientAudit());
    variables.put("PRICES_FILE", prices);
    variables.put("OPENAI_MODEL", BillingProvider.MODEL);
    variables.put("OPENAI_ALLOWED_MODELS", BillingProvider.SECRET_MODEL);
    variables.put(
        "LLM_FAILOVER",
        "[{\"base_url\":\"%s\",\"model\":\"%s\"}]"
            .formatted(model.baseUrl(), BillingProvider.OTHER_MODEL));
    variables.put("LLM_MAX_RETRIES", "1");
    variables.put("LLM_RETRY_BUDGET", "100000");
    variables.put("LLM_BREAKER_FAULTS", "100000");
    variables.put("LLM_STALL_TIMEOUT_MS", "10000");
    return variables;
  }

  @AfterAll
  void stop() {
    world.close();
  }

  @Test
  void reportedCostsAreThoseOfTheBillAndTheOthersLieWithinTheirBounds() throws Exception {
    System.out.printf("Bill of %d requests, seed %d%n", CALLS, SEED);
    var sent = new ArrayList<Sent>();
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      for (var call :
          callers.invokeAll(
              IntStream.range(0, CALLS).mapToObj(n -> (Callable<Sent>) () -> send(n)).toList())) {
        sent.add(call.get());
      }
    }

    Map<String, JsonNode> records = records();
    var totals = new Totals();
    for (Sent call : sent) {
      check(call, records.get(BillPlan.user(call.number())), totals);
    }

    totals.print();
    assertThat(totals.exact).as("requests with a cost").isGreaterThan(CALLS / 3);
    assertThat(totals.unknown).as("requests without one").isPositive();
    assertThat(totals.discarded).as("requests with a discarded cost").isPositive();
    assertThat(world.output()).doesNotContain("audit_alternate");
  }

  private Sent send(int number) {
    BillPlan plan = BillPlan.of(SEED, number);
    String timeout = plan.kind() == Kind.MUTE ? "X-Request-Timeout-Ms" : "X-None";
    if (!plan.streams()) {
      var reply = world.post(plan.path(), plan.body(number), timeout, "3000");
      return new Sent(
          number, plan, Optional.ofNullable(reply.headers().get(COST)).map(List::getFirst), true);
    }
    try (var caller = StreamingCaller.post(world.stack().api(), plan.path(), plan.body(number))) {
      if (caller.status() != 200) {
        return new Sent(number, plan, Optional.ofNullable(caller.headers().get(COST)), true);
      }
      if (plan.leaves()) {
        caller.event();
        return new Sent(number, plan, Optional.empty(), false);
      }
      var events = caller.events();
      String last = events.isEmpty() ? "" : events.getLast();
      return last.startsWith("event: done")
          ? new Sent(number, plan, costIn(last), true)
          : new Sent(number, plan, Optional.empty(), false);
    }
  }

  private static Optional<String> costIn(String event) {
    JsonNode data = RunningStack.json(event.substring(event.indexOf("data: ") + 6));
    assertThat(data.has("cost_usd")).isTrue();
    return Optional.ofNullable(data.path("cost_usd").textValue());
  }

  /** All completed records by user, read with the API. */
  private Map<String, JsonNode> records() {
    var records = new HashMap<String, JsonNode>();
    RunningStack.await(
        "all records",
        Duration.ofMinutes(5),
        () -> {
          records.clear();
          String cursor = "";
          do {
            JsonNode page = world.get("/audit?limit=100" + cursor).body();
            for (JsonNode record : page.path("records")) {
              if (record.path("phase").asText().equals("completed")) {
                records.put(record.path("user_id").asText(), record);
              }
            }
            String next = page.path("next_cursor").asText("");
            cursor = next.isEmpty() ? "" : "&cursor=" + next;
          } while (!cursor.isEmpty());
          return records.size() >= CALLS;
        });
    return records;
  }

  private void check(Sent call, @Nullable JsonNode record, Totals totals) {
    assertThat(record).as("record of " + call).isNotNull();
    if (record == null) {
      return;
    }
    List<Item> bill = provider.bill(call.number());
    String what = call + " has the record " + record + " and the bill " + bill;
    List<Item> answers = answers(call.plan(), record, bill);
    List<Item> discarded = bill.subList(0, bill.size() - answers.size());

    Optional<BigDecimal> expected = expected(call.plan(), answers, discarded);
    Optional<BigDecimal> reported = dollars(record.path("cost_usd"));
    assertThat(reported).as(what).isEqualTo(expected);
    if (expected.isPresent() && call.plan().kind() != Kind.REASONING_IN_TOTAL) {
      assertThat(record.path("total_tokens").longValue())
          .as(what)
          .isEqualTo(
              record.path("prompt_tokens").longValue()
                  + record.path("completion_tokens").longValue());
    }
    if (call.saysCost()) {
      assertThat(call.cost())
          .as(what)
          .isEqualTo(Optional.ofNullable(record.path("cost_usd").textValue()));
    }
    totals.add(expected, answers);
    checkDiscarded(record, discarded, what, totals);
  }

  /** The last items; none if the record has no answer. */
  private static List<Item> answers(BillPlan plan, JsonNode record, List<Item> bill) {
    if (plan.route() == BillPlan.Route.ANALYZE) {
      return bill;
    }
    boolean billed =
        record.at("/calls/ok").intValue() > 0
            || List.of("model-refused", "model-out-of-tokens")
                .contains(record.path("error").asText());
    return billed ? bill.subList(bill.size() - 1, bill.size()) : List.of();
  }

  private static Optional<BigDecimal> expected(
      BillPlan plan, List<Item> answers, List<Item> discarded) {
    boolean silent =
        plan.kind() == Kind.SILENT
            || answers.stream().anyMatch(it -> it.model().equals(BillingProvider.SECRET_MODEL));
    if (answers.isEmpty()) {
      return discarded.isEmpty() ? Optional.of(dollars(0)) : Optional.empty();
    }
    return silent ? Optional.empty() : Optional.of(dollars(sum(answers)));
  }

  private static void checkDiscarded(
      JsonNode record, List<Item> discarded, String what, Totals totals) {
    JsonNode bounds = record.path("discarded_cost_usd");
    if (discarded.isEmpty()) {
      assertThat(bounds.isMissingNode()).as(what).isTrue();
      return;
    }
    BigDecimal low = dollars(bounds.path("low")).orElseThrow(() -> new AssertionError(what));
    BigDecimal high = dollars(bounds.path("high")).orElseThrow(() -> new AssertionError(what));
    BigDecimal billed = dollars(sum(discarded));
    assertThat(billed).as(what).isBetween(low, high);
    if (discarded.stream().allMatch(Item::whole)) {
      assertThat(low).as(what).isEqualTo(high);
    }
    totals.addDiscarded(low, billed, high);
  }

  private static long sum(List<Item> items) {
    return items.stream().mapToLong(Item::nanoUsd).sum();
  }

  private static BigDecimal dollars(long nanoUsd) {
    return BigDecimal.valueOf(nanoUsd, 9).stripTrailingZeros();
  }

  private static Optional<BigDecimal> dollars(JsonNode cost) {
    return Optional.ofNullable(cost.textValue()).map(it -> new BigDecimal(it).stripTrailingZeros());
  }

  /** What a run shows at its end. */
  private static final class Totals {
    private int exact;
    private int unknown;
    private int discarded;
    private int discardedExactly;
    private BigDecimal cost = BigDecimal.ZERO;
    private BigDecimal billed = BigDecimal.ZERO;
    private BigDecimal low = BigDecimal.ZERO;
    private BigDecimal lost = BigDecimal.ZERO;
    private BigDecimal high = BigDecimal.ZERO;

    private void add(Optional<BigDecimal> expected, List<Item> answers) {
      if (expected.isPresent()) {
        exact++;
        cost = cost.add(expected.get());
        billed = billed.add(dollars(sum(answers)));
      } else {
        unknown++;
      }
    }

    private void addDiscarded(BigDecimal from, BigDecimal bill, BigDecimal to) {
      discarded++;
      discardedExactly += from.compareTo(to) == 0 ? 1 : 0;
      low = low.add(from);
      lost = lost.add(bill);
      high = high.add(to);
    }

    private void print() {
      System.out.printf(
          "%d requests with a cost: reported %s, billed %s%n"
              + "%d without one%n"
              + "%d with a discarded cost, %d of them exact: from %s to %s, billed %s%n",
          exact,
          cost.toPlainString(),
          billed.toPlainString(),
          unknown,
          discarded,
          discardedExactly,
          low.toPlainString(),
          high.toPlainString(),
          lost.toPlainString());
    }
  }
}
