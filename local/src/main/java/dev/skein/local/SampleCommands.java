package dev.skein.local;

import java.net.URI;
import java.util.List;

/** The commands that the stack prints when it is ready: short, and valid with any model. */
final class SampleCommands {

  private SampleCommands() {}

  /** One call in Skein's own format and one in OpenAI's, for a shell. */
  static List<String> of(URI api) {
    return List.of(
        curl(api + "/chat", "{\"message\":\"What is a skein of geese?\"}"),
        curl(
            api + "/v1/chat/completions",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"));
  }

  private static String curl(String url, String body) {
    return "curl %s -H 'content-type: application/json' -d '%s'".formatted(url, body);
  }
}
