package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures what streams, and tells it as a page of Markdown with a plot.
 *
 * @param page Markdown
 * @param plot SVG
 */
record StreamReport(String page, String plot) {

  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=stream";
  private static final String FUNCTION = "the Runtime API";
  private static final String STACK = "an HTTP caller of the whole stack";
  private static final String MODEL = "the model itself";

  static StreamReport measure(Path house) throws IOException, InterruptedException {
    String machine = Report.machine();
    Path libraries = house.resolve("local/parts/runtime/target/lib");
    Path work = Files.createTempDirectory(house.resolve("bench/target"), "streamed");
    Path root =
        Subject.unpack(house.resolve("functions/chat/target/chat.zip"), work.resolve("chat"));
    StreamedRoute chat = StreamedRoute.of(house.resolve("events/chat-stream.json"));
    StreamedRoute completions = StreamedRoute.of(house.resolve("events/completions.json"));
    try (Upstream upstream = new Upstream();
        TokenModel model = new TokenModel(TokenWay.PLAN);
        HttpCaller direct = new HttpCaller(model.uri());
        WholeStack stack = WholeStack.start(house, model.uri());
        HttpCaller caller = new HttpCaller(stack.api());
        Environment function =
            Environment.start(
                Subject.chat(root, model.uri(), upstream.queue(), "default", "event: done"),
                libraries,
                chat.event())) {
      Console.say("Measuring streams: one environment of chat, and the stack at " + stack.api());
      function.await();
      Map<String, StreamSource> sources = new LinkedHashMap<>();
      sources.put(MODEL, () -> direct.stream(completions));
      sources.put(FUNCTION, () -> function.stream(completions.event()));
      sources.put(STACK, () -> caller.stream(completions));
      FirstToken first = FirstToken.measure(sources, model);
      Map<String, StreamSource> places = new LinkedHashMap<>();
      for (StreamedRoute route : List.of(chat, completions)) {
        String path = "`" + route.path() + "`, ";
        places.put(path + FUNCTION, () -> function.stream(route.event()));
        places.put(path + STACK, () -> caller.stream(route));
      }
      return of(machine, first, TokenWay.measure(places, model));
    }
  }

  private static StreamReport of(String machine, FirstToken first, TokenWay way) {
    String page =
        """
        # Streaming, measured

        %s, with `%s`. What the figures mean is in [the read-me](../README.md).

        ## A token's way

        The model writes a token each %d ms: %d streams of %d tokens for each row. In milliseconds, from its write by the model until it was read.

        %s
        In milliseconds from the request; medians. The first token is here while the model still writes the others.

        %s
        ![The tokens of one stream: written, and arrived](stream.svg)

        ## The first token, warm

        Milliseconds from the request to the first token, of a model that answers at once: %,d streams each, in turns.

        %s\
        """
            .formatted(
                machine,
                COMMAND,
                TokenWay.PLAN.pace().toMillis(),
                TokenWay.STREAMS,
                TokenWay.PLAN.tokens(),
                ways(way).markdown(),
                spans(way).markdown(),
                FirstToken.STREAMS,
                firsts(first).markdown());
    List<TokenStream> last = List.copyOf(way.streams().values()).getLast();
    return new StreamReport(page, StreamPlot.of(last.getLast()));
  }

  private static Table ways(TokenWay way) {
    Table table = new Table("read at", "p50", "p99", "longest");
    way.streams()
        .forEach(
            (place, streams) -> {
              Spread later = TokenWay.later(streams);
              table.row(
                  place,
                  Report.hundredths(later.median()),
                  Report.hundredths(later.percentile(99)),
                  Report.hundredths(later.max()));
            });
    return table;
  }

  private static Table spans(TokenWay way) {
    Table table = new Table("read at", "first token", "end of the stream");
    way.streams()
        .forEach(
            (place, streams) ->
                table.row(
                    place,
                    Report.hundredths(TokenWay.first(streams).median()),
                    Report.hundredths(TokenWay.whole(streams).median())));
    return table;
  }

  private static Table firsts(FirstToken first) {
    Table table = new Table("read at", "p50", "p99", "p50 more than the row above");
    Spread above = null;
    for (var row : first.spreads().entrySet()) {
      Spread here = row.getValue();
      String more = above == null ? "" : Report.hundredths(here.median().minus(above.median()));
      table.row(
          row.getKey(),
          Report.hundredths(here.median()),
          Report.hundredths(here.percentile(99)),
          more);
      above = here;
    }
    return table;
  }
}
