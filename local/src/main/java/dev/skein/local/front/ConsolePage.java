package dev.skein.local.front;

import dev.skein.console.ConsoleFiles;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The console's files, at paths that no route has. Loading them prints no lines. Thread-safe. */
final class ConsolePage {

  private final ConsoleFiles files = new ConsoleFiles();

  /** Responds to a request for one of the files; false if it is for something else. */
  boolean respond(Exchange exchange) throws IOException {
    if (!exchange.request().body().isEnded()) {
      return false;
    }
    Optional<ConsoleFiles.Response> file = files.respond(exchange.request(), exchange.path());
    if (file.isEmpty()) {
      return false;
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    file.get().headers().forEach((name, value) -> headers.put(name, List.of(value)));
    ProxyResponse response = new ProxyResponse(file.get().status(), headers, file.get().body());
    ResponseHead head = ResponseHead.of(response, UUID.randomUUID().toString()).orElseThrow();
    exchange.respond(head, response.body());
    return true;
  }
}
