package dev.skein.local.chaos;

import dev.skein.faults.ProxyFault;
import dev.skein.faults.RandomFaults;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * What happens in a run. The same seed gives the same requests, the same kill for each of them, and
 * the same faults for each record: the first, second and further attempt to send or store it always
 * meet the same. Polls of the queue meet the same faults in the same order.
 *
 * <p>Not determined by the seed: audit IDs, which requests run side by side, which messages share a
 * batch, which of several records is in flight when a service goes down or a process is killed, and
 * so how often each is sent.
 *
 * @param requests how many there are; their numbers begin at 0
 */
record ChaosPlan(long seed, int requests) {

  /** One kill in so many requests. */
  private static final int REQUESTS_PER_KILL = 40;

  /** A service goes down once in so many requests, for as long as {@link #OUTAGE} of them. */
  private static final int REQUESTS_PER_OUTAGE = 300;

  private static final int OUTAGE = 60;

  private static final Pattern CANARY = Pattern.compile("canary-(\\d+)-");
  private static final String[] WORDS = {"goose", "feather", "wing", "flight", "süd", "🪿", "\\\""};

  /** A route, and how its reply is sent. */
  enum Route {
    CHAT("/chat", "{\"message\":\"%s\",\"user_id\":\"%s\"}", false),
    CHAT_STREAM("/chat", "{\"message\":\"%s\",\"user_id\":\"%s\",\"stream\":true}", true),
    COMPLETION_STREAM(
        "/v1/chat/completions",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"user\":\"%s\",\"stream\":true}",
        true),
    ANALYZE("/analyze", "{\"text\":\"%s\",\"user_id\":\"%s\"}", false),
    SUMMARIES("/summaries", "{\"texts\":[\"%s\"],\"user_id\":\"%s\"}", false);

    final String path;
    final boolean streamed;
    private final String body;

    Route(String path, String body, boolean streamed) {
      this.path = path;
      this.body = body;
      this.streamed = streamed;
    }
  }

  /** When the process of the function that serves a request is killed. */
  enum Kill {
    NEVER,
    /** The intent has arrived, and the queue does not get it. */
    BEFORE_INTENT,
    /** The queue has the intent, and the function does not know. */
    INTENT_QUEUED,
    /** The function knows; the model has not replied. */
    INTENT_ACKNOWLEDGED,
    /** The model has the call; of the intent nothing is known. */
    MODEL_CALLED,
    /** As it, but with SIGTERM: the function finishes its request before it ends. */
    TERMINATED,
    /** A moment after the model has replied, and before the completed record is queued. */
    MODEL_REPLIED,
    /** The caller has the first part of a stream. */
    STREAMING,
    /** The response was sent; the completed record has arrived, and the queue does not get it. */
    BEFORE_COMPLETED,
    /** The queue has the completed record, and the function does not know. */
    COMPLETED_QUEUED
  }

  /** When the process of the consumer that stores a record is killed. */
  enum ConsumerKill {
    NEVER,
    /** The write has arrived, and the table does not get it. */
    BEFORE_WRITE,
    /** The table has the record, and the consumer does not know. */
    WRITTEN,
    /** The consumer knows, and goes on with its batch. */
    ACKNOWLEDGED,
    /** The table has the last record of a batch, and the consumer does not know. */
    LAST_WRITTEN
  }

  /**
   * One request.
   *
   * @param userId contains the canary, as {@code text} does
   * @param body JSON
   * @param leaves whether the caller disconnects after the first part of a stream
   */
  record Request(int number, Route route, String userId, String body, Kill kill, boolean leaves) {}

  /**
   * The request of this number; beyond {@link #requests} one of each route that is never killed.
   */
  Request request(int number) {
    var random = RandomFaults.random(seed, "request", number);
    var route = Route.values()[number < requests ? random.nextInt(5) : number % 5];
    String userId = "canary-" + number + "-" + Integer.toHexString(random.nextInt());
    var text = new StringBuilder("canary-" + number + "-");
    for (int words = random.nextInt(30); words >= 0; words--) {
      text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
    }
    var kill = number < requests ? kill(number) : Kill.NEVER;
    if (kill == Kill.STREAMING && !route.streamed) {
      route = Route.COMPLETION_STREAM;
    }
    boolean leaves =
        number < requests
            && route.streamed
            && kill == Kill.NEVER
            && random("leave", number).nextInt(20) == 0;
    return new Request(number, route, userId, route.body.formatted(text, userId), kill, leaves);
  }

  private Kill kill(int number) {
    int block = number / REQUESTS_PER_KILL;
    int chosen = RandomFaults.random(seed, "kill", block).nextInt(REQUESTS_PER_KILL);
    var kill = Kill.values()[1 + block % (Kill.values().length - 1)];
    if (number % REQUESTS_PER_KILL != chosen) {
      return Kill.NEVER;
    }
    // Without a queue nothing shows how long such a process serves this request.
    return kill == Kill.MODEL_REPLIED && isNearOutage(number) ? Kill.MODEL_CALLED : kill;
  }

  private static boolean isNearOutage(int number) {
    int sinceStart = number % REQUESTS_PER_OUTAGE - REQUESTS_PER_OUTAGE / 4;
    return sinceStart > -20 && sinceStart < OUTAGE + 20;
  }

  /** The number of the request from which this text comes, of a user or of a model. */
  static OptionalInt number(String text) {
    var canary = CANARY.matcher(text);
    return canary.find() ? OptionalInt.of(Integer.parseInt(canary.group(1))) : OptionalInt.empty();
  }

  /** The numbers of all requests from which a text comes. */
  static Set<Integer> numbers(String text) {
    var numbers = new TreeSet<Integer>();
    CANARY.matcher(text).results().forEach(it -> numbers.add(Integer.valueOf(it.group(1))));
    return numbers;
  }

  /** Whether a message of an earlier request is sent again before this request starts. */
  boolean repeatsAMessage(int number) {
    return random("repeat", number).nextInt(30) == 0;
  }

  boolean queueGoesDown(int number) {
    return number % REQUESTS_PER_OUTAGE == REQUESTS_PER_OUTAGE / 4;
  }

  boolean queueComesBack(int number) {
    return queueGoesDown(number - OUTAGE);
  }

  boolean tableGoesDown(int number) {
    return number % REQUESTS_PER_OUTAGE == REQUESTS_PER_OUTAGE * 3 / 4;
  }

  boolean tableComesBack(int number) {
    return tableGoesDown(number - OUTAGE);
  }

  /** When the consumer is killed at its first attempt to store a record. */
  ConsumerKill consumerKill(String record) {
    int chance = RandomFaults.random(seed, record, 0).nextInt(900);
    return chance < 3 ? ConsumerKill.values()[1 + chance] : ConsumerKill.NEVER;
  }

  /** Whether the consumer is killed after the last write of this full batch. */
  boolean killsAfterBatch(int batch) {
    return random("batch", batch).nextInt(40) == 0;
  }

  RandomGenerator random(String what, int number) {
    return RandomFaults.random(seed, what, number);
  }

  /** Faults of a function's sends; {@link ProxyFault.ReplaceBody} stands for a late delivery. */
  RandomFaults sends() {
    return RandomFaults.of(seed)
        .with(0.02, ProxyFault.sqs("RequestThrottled"))
        .with(0.01, ProxyFault.sqs("InternalError"))
        .with(0.005, ProxyFault.sqs("AccessDeniedException"))
        .with(0.01, new ProxyFault.ResetBefore())
        .with(0.01, new ProxyFault.ResetAfter())
        .with(0.005, new ProxyFault.NoReply())
        .with(0.03, new ProxyFault.Delay(Duration.ofMillis(200)))
        .with(0.003, new ProxyFault.SlowReply(Duration.ofMillis(1)))
        .with(0.02, new ProxyFault.Twice())
        .with(0.03, new ProxyFault.ReplaceBody(""));
  }

  /** Faults of the poller's receives and deletes, after which messages are delivered again. */
  RandomFaults polls() {
    return RandomFaults.of(seed)
        .with(0.02, ProxyFault.sqs("AccessDeniedException"))
        .with(0.01, new ProxyFault.ResetAfter());
  }

  /** Faults of the consumer's writes. */
  RandomFaults writes() {
    return RandomFaults.of(seed + 1)
        .with(0.01, ProxyFault.dynamoDb("ProvisionedThroughputExceededException"))
        .with(0.01, ProxyFault.dynamoDb("ThrottlingException"))
        .with(0.01, ProxyFault.dynamoDb("InternalServerError"))
        .with(0.01, new ProxyFault.ResetBefore())
        .with(0.01, new ProxyFault.ResetAfter())
        .with(0.002, new ProxyFault.NoReply())
        .with(0.03, new ProxyFault.Delay(Duration.ofMillis(100)))
        .with(0.003, new ProxyFault.SlowReply(Duration.ofMillis(1)))
        .with(0.01, new ProxyFault.Twice());
  }
}
