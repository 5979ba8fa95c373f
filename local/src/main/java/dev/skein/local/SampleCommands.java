package dev.skein.local;

import java.net.URI;
import java.util.List;

/** The commands that the stack prints when it is ready: short, and valid with any model. */
final class SampleCommands {

  private static final String SIGNED =
      " --aws-sigv4 aws:amz:us-east-1:execute-api"
          + " --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"";

  private SampleCommands() {}

  /**
   * One call in Skein's own format, one in OpenAI's, and the newest audit record, for a shell.
   *
   * @param keys whether callers need a key, which the commands take from {@code SKEIN_API_KEY}
   * @param signatures whether readers of the audit trail must sign, for which the command takes
   *     {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}
   */
  static List<String> of(URI api, boolean keys, boolean signatures) {
    return List.of(
        curl(api + "/chat", keys, "{\"message\":\"What is a skein of geese?\"}"),
        curl(
            api + "/v1/chat/completions",
            keys,
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"),
        "curl '%s/audit?limit=1'".formatted(api) + (signatures ? SIGNED : ""));
  }

  private static String curl(String url, boolean keys, String body) {
    String key = keys ? "-H \"authorization: Bearer $SKEIN_API_KEY\" " : "";
    return "curl %s %s-H 'content-type: application/json' -d '%s'".formatted(url, key, body);
  }
}
