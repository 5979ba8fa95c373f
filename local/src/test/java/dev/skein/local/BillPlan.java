package dev.skein.local;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.faults.BillingProvider;
import dev.skein.faults.BillingProvider.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One request of a {@link BillTest}, which follows from the seed and its number.
 *
 * @param kind what the provider does with it
 * @param text of the prompt, in part outside of ASCII
 */
record BillPlan(Route route, Kind kind, String model, int maxTokens, String text) {

  private static final List<Kind> KINDS = List.of(Kind.values());

  /** Those whose replies are used, whichever call gets them. */
  private static final Set<Kind> ANSWERS = EnumSet.range(Kind.PLAIN, Kind.PRIORITY);

  enum Route {
    CHAT,
    CHAT_STREAM,
    OPENAI,
    OPENAI_STREAM,
    ANALYZE
  }

  /** The user of a request, by whom its record is found. */
  static String user(int number) {
    return "bill-" + number;
  }

  static BillPlan of(long seed, int number) {
    var random = new Random(seed * 7919 + number);
    Route route = Route.values()[random.nextInt(Route.values().length)];
    Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    boolean slow = kind == Kind.STALLED || kind == Kind.MUTE;
    boolean streams = route == Route.CHAT_STREAM || route == Route.OPENAI_STREAM;
    if ((slow && random.nextInt(3) > 0)
        || (kind == Kind.MUTE && streams)
        || (route == Route.ANALYZE && !ANSWERS.contains(kind))) {
      kind = Kind.PLAIN;
    }
    String model =
        random.nextInt(20) == 0 && route != Route.ANALYZE
            ? BillingProvider.SECRET_MODEL
            : BillingProvider.MODEL;
    String text = "goose ".repeat(random.nextInt(200)) + "\u00e9\ud83e\udebf\n\"";
    return new BillPlan(route, kind, model, random.nextInt(1, 3000), text);
  }

  String path() {
    return switch (route) {
      case CHAT, CHAT_STREAM -> "/chat";
      case OPENAI, OPENAI_STREAM -> "/v1/chat/completions";
      case ANALYZE -> "/analyze";
    };
  }

  boolean streams() {
    return route == Route.CHAT_STREAM || route == Route.OPENAI_STREAM;
  }

  boolean leaves() {
    return streams() && kind == Kind.STALLED && model.equals(BillingProvider.MODEL);
  }

  String body(int number) {
    String prompt = BillingProvider.prompt(number, kind, text);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    switch (route) {
      case ANALYZE -> body.put("text", prompt).put("user_id", user(number));
      case CHAT, CHAT_STREAM ->
          body.put("message", prompt)
              .put("user_id", user(number))
              .put("model", model)
              .put("max_tokens", maxTokens)
              .put("stream", streams());
      case OPENAI, OPENAI_STREAM -> {
        body.put("user", user(number)).put("model", model).put("stream", streams());
        body.put("max_completion_tokens", maxTokens);
        body.putArray("messages").addObject().put("role", "user").put("content", prompt);
      }
    }
    return body.toString();
  }
}
