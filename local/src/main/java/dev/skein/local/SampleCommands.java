package dev.skein.local;

import java.net.URI;
import java.util.List;

/** The commands that the stack prints when it is ready: short, and valid with any model. */
final class SampleCommands {

  private SampleCommands() {}

  /**
   * One call in Skein's own format and one in OpenAI's, for a shell.
   *
   * @param keys whether callers need a key, which the commands take from {@code SKEIN_API_KEY}
   */
  static List<String> of(URI api, boolean keys) {
    return List.of(
        curl(api + "/chat", keys, "{\"message\":\"What is a skein of geese?\"}"),
        curl(
            api + "/v1/chat/completions",
            keys,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"));
  }

  private static String curl(String url, boolean keys, String body) {
    String key = keys ? "-H \"authorization: Bearer $SKEIN_API_KEY\" " : "";
    return "curl %s %s-H 'content-type: application/json' -d '%s'".formatted(url, key, body);
  }
}
