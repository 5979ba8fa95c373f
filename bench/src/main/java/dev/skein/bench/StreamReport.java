package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures streaming, and reports it as a page of Markdown with a plot.
 *
 * @param page Markdown
 * @param plot SVG
 */
record StreamReport(String page, String plot) {

  private static final String COMMAND = "mvn -Pbench package -pl bench -am -Dbench.what=stream";
  private static final String STACK = "an HTTP caller of the whole stack";

  static StreamReport measure(Path house) throws IOException, InterruptedException {
    String machine = Machine.describe();
    var functions = new Functions(house, Folder.empty(house.resolve("bench/target/streamed")));
    StreamedRoute chat = StreamedRoute.of(functions.event("chat-stream"));
    StreamedRoute completions = StreamedRoute.of(functions.event("completions"));
    try (Upstream upstream = new Upstream(null);
        TokenModel model = new TokenModel(TokenLatency.PLAN);
        HttpCaller direct = new HttpCaller(model.uri());
        WholeStack stack = WholeStack.start(house, model.uri());
        HttpCaller caller = new HttpCaller(stack.api());
        FunctionProcess function =
            new FunctionProcess(
                functions.streaming("chat-stream", model.uri()), upstream.variables(), _ -> {})) {
      Progress.print("Measuring streams: one environment of chat, and the stack at " + stack.api());
      function.await();
      Map<String, Measurement<TokenStream>> sources = new LinkedHashMap<>();
      sources.put(FirstToken.MODEL, () -> direct.stream(completions));
      sources.put(FirstToken.FUNCTION, () -> function.stream(completions.event()));
      sources.put(STACK, () -> caller.stream(completions));
      FirstToken first = FirstToken.measure(sources, model, FirstToken.STREAMS);
      Map<String, Measurement<TokenStream>> places = new LinkedHashMap<>();
      for (StreamedRoute route : List.of(chat, completions)) {
        String path = "`" + route.path() + "`, ";
        places.put(path + FirstToken.FUNCTION, () -> function.stream(route.event()));
        places.put(path + STACK, () -> caller.stream(route));
      }
      return of(machine, first, TokenLatency.measure(places, model));
    }
  }

  private static StreamReport of(String machine, FirstToken first, TokenLatency latency) {
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
                TokenLatency.PLAN.pace().toMillis(),
                TokenLatency.STREAMS,
                TokenLatency.PLAN.tokens(),
                latencies(latency).markdown(),
                totals(latency).markdown(),
                FirstToken.STREAMS,
                firsts(first).markdown());
    List<TokenStream> last = List.copyOf(latency.streams().values()).getLast();
    return new StreamReport(page, StreamPlot.of(last.getLast()));
  }

  private static MarkdownTable latencies(TokenLatency latency) {
    MarkdownTable table = new MarkdownTable("read at", "p50", "p99", "longest");
    latency
        .streams()
        .forEach((source, streams) -> table.times(source, TokenLatency.later(streams).summary()));
    return table;
  }

  private static MarkdownTable totals(TokenLatency latency) {
    MarkdownTable table = new MarkdownTable("read at", "first token", "end of the stream");
    latency
        .streams()
        .forEach(
            (source, streams) ->
                table.times(
                    source,
                    TokenLatency.first(streams).median(),
                    TokenLatency.whole(streams).median()));
    return table;
  }

  private static MarkdownTable firsts(FirstToken first) {
    MarkdownTable table = new MarkdownTable("read at", "p50", "p99", "p50 more than the row above");
    Duration above = null;
    for (var row : first.spreads().entrySet()) {
      Duration median = row.getValue().median();
      table.row(
          row.getKey(),
          MarkdownTable.millis(median),
          MarkdownTable.millis(row.getValue().percentile(99)),
          above == null ? "" : MarkdownTable.millis(median.minus(above)));
      above = median;
    }
    return table;
  }
}
