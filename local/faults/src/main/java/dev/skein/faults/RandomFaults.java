package dev.skein.faults;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Faults by chance, for which the order of requests does not matter: the seed, a key and how often
 * the key was asked for before decide. Thread-safe; {@link #with} returns a copy that counts anew.
 */
public final class RandomFaults {
  private record Chance(double probability, ProxyFault fault) {}

  private final long seed;
  private final List<Chance> chances;
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();

  private RandomFaults(long seed, List<Chance> chances) {
    this.seed = seed;
    this.chances = chances;
  }

  /** No faults yet. */
  public static RandomFaults of(long seed) {
    return new RandomFaults(seed, List.of());
  }

  /**
   * These faults, and one more.
   *
   * @param probability 0 to 1; the sum over all faults is at most 1
   */
  public RandomFaults with(double probability, ProxyFault fault) {
    return new RandomFaults(
        seed, Stream.concat(chances.stream(), Stream.of(new Chance(probability, fault))).toList());
  }

  /**
   * The next fault of this key.
   *
   * @param key names what is asked for, for example an operation and an item
   */
  public ProxyFault next(String key) {
    double left = random(seed, key, asked.merge(key, 1, Integer::sum)).nextDouble();
    for (Chance chance : chances) {
      left -= chance.probability();
      if (left < 0) {
        return chance.fault();
      }
    }
    return new ProxyFault.None();
  }

  /** A generator that depends on these values only. */
  public static RandomGenerator random(long seed, String key, int time) {
    return new SplittableRandom(31 * (31 * seed + key.hashCode()) + time).split();
  }
}
