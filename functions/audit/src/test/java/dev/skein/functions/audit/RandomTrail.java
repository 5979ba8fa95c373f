package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Records of every kind: failed over, incomplete, without tokens, from before fields were added.
 */
final class RandomTrail {
  private final Random random;
  private final Duration range;

  /**
   * Records of the time before noon.
   *
   * @param range of how long a time
   */
  RandomTrail(long seed, Duration range) {
    this.random = new Random(seed);
    this.range = range;
  }

  List<ObjectNode> records(int count) {
    return IntStream.range(0, count).mapToObj(n -> record("a" + n)).toList();
  }

  private ObjectNode record(String id) {
    // To the minute, so that many records have one time.
    Instant time = NOON.minus(Duration.ofMinutes(1 + random.nextInt((int) range.toMinutes())));
    var intent = Samples.intent(id, time, chance(20) ? "rare" : "u" + random.nextInt(70));
    if (chance(10)) {
      return intent.toJson().put("identity", "i" + random.nextInt(2));
    }
    boolean failed = chance(8);
    var record = (failed ? Samples.failed(intent) : Samples.completed(intent)).toJson();
    record.put("identity", "i" + random.nextInt(2));
    record.put("model", chance(30) ? "m-rare" : "m-" + random.nextInt(3));
    if (chance(15)) {
      record.put("error", "item-failed");
    }
    record.put("latency_ms", (long) Math.exp(random.nextDouble() * 14));
    putTokens(record);
    putCosts(record);
    if (chance(6)) {
      record
          .putArray("tried")
          .add(tried("m-1", "model-unavailable"))
          .add(tried("m-2", "ok"))
          .add(tried("m-1", "ok"));
    }
    if (chance(9)) {
      record.remove(List.of("tried", "time_to_first_token_ms", "cached_tokens"));
    }
    return record;
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private static ObjectNode tried(String model, String result) {
    return Json.object().put("model", model).put("result", result).put("count", 1);
  }

  private void putTokens(ObjectNode record) {
    for (String field : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
      if (chance(12)) {
        record.putNull(field);
      } else {
        record.put(field, random.nextInt(5000));
      }
    }
    if (random.nextBoolean()) {
      record.put("time_to_first_token_ms", random.nextInt(3000));
    } else {
      record.putNull("time_to_first_token_ms");
    }
  }

  private void putCosts(ObjectNode record) {
    switch (random.nextInt(4)) {
      case 0 -> record.putNull("cost_usd").putNull("discarded_cost_usd");
      case 1 -> record.put("cost_usd", "0." + "%09d".formatted(random.nextInt(1_000_000_000)));
      case 2 -> {
        record.put("cost_usd", Integer.toString(random.nextInt(3)));
        var discarded = record.putObject("discarded_cost_usd");
        discarded.put("low", "0.00" + random.nextInt(10)).put("high", "1." + random.nextInt(100));
      }
      default -> {
        // From before these fields were added.
      }
    }
  }
}
