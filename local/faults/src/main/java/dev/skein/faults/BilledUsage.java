package dev.skein.faults;

import dev.skein.faults.BillingProvider.Kind;
import java.util.random.RandomGenerator;

/**
 * The tokens that a {@link BillingProvider} bills. Those of the cache are a part of the prompt, and
 * the reasoning is a part of the completion, however they are reported.
 */
record BilledUsage(long prompt, long cached, long written, long completion, long reasoning) {

  /** Any usage that the request allows. */
  static BilledUsage random(ModelRequest request, Kind kind, RandomGenerator random) {
    long prompt = random.nextLong(1, request.body().length() + 1L);
    boolean caches = kind == Kind.CACHED || kind == Kind.CACHED_BESIDE;
    long cached = caches ? upTo(prompt, random) : 0;
    long written = caches ? upTo(prompt - cached, random) : 0;
    long limit =
        Math.max(
            request.json().path("max_tokens").asLong(1),
            request.json().path("max_completion_tokens").asLong(1));
    long completion = random.nextLong(1, limit + 1);
    boolean thinks =
        kind == Kind.REASONING || kind == Kind.REASONING_BESIDE || kind == Kind.REASONING_IN_TOTAL;
    return new BilledUsage(
        prompt, cached, written, completion, thinks ? upTo(completion, random) : 0);
  }

  /** Often none or all, where one way to count is easily taken for another. */
  private static long upTo(long limit, RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> limit;
      default -> random.nextLong(0, limit + 1);
    };
  }

  /** What could be reported before the end. */
  BilledUsage soFar() {
    return new BilledUsage(prompt, cached, written, (completion + 1) / 2, reasoning);
  }

  /** As one of the providers reports it. */
  String json(Kind kind) {
    return switch (kind) {
      case CACHED ->
          "{%s,\"prompt_tokens_details\":{\"cached_tokens\":%d,\"cache_write_tokens\":%d}}"
              .formatted(counts(prompt, completion, prompt + completion), cached, written);
      case CACHED_BESIDE ->
          "{%s,\"cache_read_input_tokens\":%d,\"cache_creation_input_tokens\":%d}"
              .formatted(
                  counts(prompt - cached - written, completion, prompt + completion),
                  cached,
                  written);
      case REASONING ->
          "{%s,\"completion_tokens_details\":{\"reasoning_tokens\":%d}}"
              .formatted(counts(prompt, completion, prompt + completion), reasoning);
      case REASONING_BESIDE ->
          "{%s,\"completion_tokens_details\":{\"reasoning_tokens\":%d}}"
              .formatted(counts(prompt, completion - reasoning, prompt + completion), reasoning);
      case REASONING_IN_TOTAL ->
          "{" + counts(prompt, completion - reasoning, prompt + completion) + "}";
      default -> "{" + counts(prompt, completion, prompt + completion) + "}";
    };
  }

  private static String counts(long prompt, long completion, long total) {
    return "\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d"
        .formatted(prompt, completion, total);
  }
}
