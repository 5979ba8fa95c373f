package dev.skein.faults;

import dev.skein.faults.Chunks.Ending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rule of a {@link ScriptedModel} that bills its replies in whole billionths of a dollar, and
 * reports its usage like one of several providers, in part, or not at all. What it does with a call
 * is in the call's prompt, as {@link #prompt} makes it. Thread-safe.
 *
 * <p>A prompt has no more tokens than its request has bytes, and a reply no more than its limit.
 */
public final class BillingProvider implements Function<ModelRequest, ScriptedReply> {
  /** Does what the prompt says. */
  public static final String MODEL = "m-1";

  /** Always answers. */
  public static final String OTHER_MODEL = "m-2";

  /** Has a price that nobody but the provider knows. */
  public static final String SECRET_MODEL = "m-x";

  /** The prices, as a price file for Skein. */
  public static final String PRICES =
      """
      provider billing reports=cached,cache_write rest=output 127.0.0.1
      model m-1
      price input=2 cached=0.5 cache_write=2.5 output=8
      price tier=priority input=4 cached=1 cache_write=5 output=16
      model m-2
      price input=0.3 cached=0.075 cache_write=0.375 output=1.2
      """;

  private static final Pattern PROMPT = Pattern.compile("bill ([0-9]+) ([A-Z_]+)");

  /** In billionths of a dollar. */
  private record Rates(long input, long cached, long written, long output) {
    static Rates of(String model, boolean priority) {
      return switch (model) {
        case MODEL ->
            priority ? new Rates(4000, 1000, 5000, 16000) : new Rates(2000, 500, 2500, 8000);
        case OTHER_MODEL -> new Rates(300, 75, 375, 1200);
        default -> new Rates(777, 77, 7777, 77777);
      };
    }

    long cost(BilledUsage usage) {
      return input * (usage.prompt() - usage.cached() - usage.written())
          + cached * usage.cached()
          + written * usage.written()
          + output * usage.completion();
    }
  }

  /** What the provider does with a call to {@link #MODEL}. */
  public enum Kind {
    /** It answers. */
    PLAIN,
    /** It answers, and counts tokens of its cache as OpenAI does. */
    CACHED,
    /** It answers, and counts tokens of its cache as Anthropic does. */
    CACHED_BESIDE,
    /** It answers after thinking, which it counts as OpenAI does. */
    REASONING,
    /** It answers after thinking, which it counts as xAI does. */
    REASONING_BESIDE,
    /** It answers after thinking, which only its total has, as Google's. */
    REASONING_IN_TOTAL,
    /** It answers on another tier. */
    PRIORITY,
    /** It answers, and does not say what it bills. */
    SILENT,
    /** It declines, and bills that. */
    REFUSED,
    /** It fails once with a 500, and answers. */
    RETRIED,
    /** It throttles. */
    THROTTLED,
    /** It rejects the request. */
    REJECTED,
    /** Its reply breaks off. */
    CUT,
    /** Its reply breaks off after it has reported a part of its usage. */
    CUT_COUNTED,
    /** Its reply is no answer, and is billed. */
    MALFORMED,
    /** It thinks until its tokens are used up. */
    OUT_OF_TOKENS,
    /** It begins, and then sends nothing more. */
    STALLED,
    /** It never replies. */
    MUTE
  }

  /**
   * An item of the bill.
   *
   * @param model the model that was billed
   * @param whole whether the reply was whole, with all of its usage if it reports one
   * @param nanoUsd in billionths of a dollar
   */
  public record Item(String model, boolean whole, long nanoUsd) {}

  private final long seed;
  private final ConcurrentMap<Integer, List<Item>> bill = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, Integer> received = new ConcurrentHashMap<>();

  public BillingProvider(long seed) {
    this.seed = seed;
  }

  /** A prompt that gets this reply. */
  public static String prompt(int call, Kind kind, String text) {
    return "bill " + call + " " + kind + " " + text;
  }

  /** What the calls with this number were billed. */
  public List<Item> bill(int call) {
    return List.copyOf(bill.getOrDefault(call, List.of()));
  }

  /** A call, and whether it was received before. */
  private record Received(int call, Kind kind, boolean repeated) {}

  private Received received(ModelRequest request) {
    Matcher prompt = PROMPT.matcher(request.lastUserMessage());
    if (!prompt.find()) {
      throw new AssertionError("a prompt without a number");
    }
    int call = Integer.parseInt(prompt.group(1));
    int before = received.merge(call, 1, Integer::sum) - 1;
    return new Received(call, Kind.valueOf(prompt.group(2)), before > 0);
  }

  @Override
  public ScriptedReply apply(ModelRequest request) {
    Received call = received(request);
    String model = request.json().path("model").asText();
    boolean obeys = model.equals(MODEL) && !(call.kind() == Kind.RETRIED && call.repeated());
    return reply(request, model, call.call(), obeys ? call.kind() : Kind.PLAIN);
  }

  private ScriptedReply reply(ModelRequest request, String model, int call, Kind kind) {
    var random = new Random(seed * 1_000_003 + call * 31L + bill(call).size());
    var usage = BilledUsage.random(request, kind, random);
    return switch (kind) {
      case RETRIED -> ScriptedReply.status(500, Map.of("retry-after-ms", "1"), "");
      case THROTTLED -> ScriptedReply.status(429, Map.of("retry-after-ms", "1"), "");
      case REJECTED -> ScriptedReply.error(400, "invalid_request_error", "invalid_prompt");
      default -> {
        boolean whole = !isBroken(kind);
        long cost = Rates.of(model, kind == Kind.PRIORITY).cost(usage);
        bill.computeIfAbsent(call, _ -> Collections.synchronizedList(new ArrayList<>()))
            .add(new Item(model, whole, cost));
        yield whole ? whole(request, model, kind, usage) : broken(kind, model, usage);
      }
    };
  }

  private static boolean isBroken(Kind kind) {
    return switch (kind) {
      case CUT, CUT_COUNTED, STALLED, MUTE -> true;
      default -> false;
    };
  }

  private static ScriptedReply broken(Kind kind, String model, BilledUsage usage) {
    Chunks begun = ScriptedReply.stream("a", "b", "c").replaced("\"scripted\"", quoted(model));
    return switch (kind) {
      case CUT -> begun.first(3).ending(Ending.CLOSED);
      case CUT_COUNTED ->
          begun.inserted(2, counted(model, usage.soFar())).first(4).ending(Ending.CLOSED);
      case STALLED -> begun.first(3).ending(Ending.OPEN);
      default -> ScriptedReply.hang();
    };
  }

  /** A chunk with a count, as servers send it with each chunk if they are asked to. */
  private static String counted(String model, BilledUsage usage) {
    return "data: {\"model\":%s,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":%s}"
        .formatted(quoted(model), usage.json(Kind.PLAIN));
  }

  private static ScriptedReply whole(
      ModelRequest request, String model, Kind kind, BilledUsage usage) {
    Optional<String> report =
        kind == Kind.SILENT ? Optional.empty() : Optional.of(usage.json(kind));
    String tier = kind == Kind.PRIORITY ? "\"service_tier\":\"priority\"," : "";
    String reason =
        switch (kind) {
          case REFUSED -> "content_filter";
          case MALFORMED -> "tool_calls";
          case OUT_OF_TOKENS -> "length";
          default -> "stop";
        };
    boolean answers = reason.equals("stop");
    if (!request.json().path("stream").asBoolean()) {
      return ScriptedReply.json(
          200,
          "{%s\"model\":%s,\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"%s\"}]%s}"
              .formatted(
                  tier,
                  quoted(model),
                  answers ? "yes" : "",
                  reason,
                  report.map(it -> ",\"usage\":" + it).orElse("")));
    }
    Chunks stream = answers ? ScriptedReply.stream("y", "es") : ScriptedReply.stream();
    stream =
        stream
            .replaced("\"scripted\"", quoted(model))
            .replaced("\"stop\"", quoted(reason))
            .usage(Optional.empty());
    return report.isEmpty()
        ? stream
        : stream.inserted(
            stream.events().size() - 1,
            "data: {%s\"choices\":[],\"usage\":%s}".formatted(tier, report.get()));
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }
}
