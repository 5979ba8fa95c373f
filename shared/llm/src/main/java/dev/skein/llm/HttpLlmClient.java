package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.CallEnvironment.World;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmRequest.Answer;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The client for OpenAI-compatible APIs over HTTP. Thread-safe. */
public final class HttpLlmClient implements LlmClient {
  private final CallEnvironment environment;
  private final boolean streaming;

  /**
   * A client with the world's clocks and chance.
   *
   * @param http shared with whoever else sends; not closed here
   */
  public HttpLlmClient(HttpClient http, LlmConfig config) {
    this(http, config, world());
  }

  HttpLlmClient(HttpClient http, LlmConfig config, World world) {
    this(config, new HttpTransport(http, world.timer()), world);
  }

  HttpLlmClient(LlmConfig config, Transport transport, World world) {
    this.environment = CallEnvironment.of(config, transport, world);
    this.streaming = config.streaming();
  }

  private static World world() {
    return new World(
        Timer.daemon(),
        new RetryRules(RandomGenerator.getDefault()),
        InstantSource.system(),
        System::nanoTime);
  }

  @Override
  public LlmStream stream(LlmRequest request, Deadline deadline) {
    return new LlmCall(request, true, true, deadline, environment).start();
  }

  @Override
  public CompletableFuture<LlmResult> complete(LlmRequest request, Deadline deadline) {
    // Its text leaves with the end alone: until then nobody has seen any, and the call may go on
    // elsewhere even when a stream is cut.
    boolean streamed = streaming && request.answer() == Answer.TEXT;
    var call = new LlmCall(request, streamed, false, deadline, environment).start();
    var result = new CompletableFuture<LlmResult>();
    var _ = result.whenComplete((_, _) -> call.close());
    fold(call, result);
    return result;
  }

  private static void fold(LlmStream stream, CompletableFuture<LlmResult> result) {
    var _ =
        stream
            .next()
            .whenComplete(
                (event, bug) -> {
                  switch (event) {
                    case End(LlmResult end) -> result.complete(end);
                    case LlmEvent.Delta _ -> fold(stream, result);
                    case null -> result.completeExceptionally(bug);
                  }
                });
  }
}
