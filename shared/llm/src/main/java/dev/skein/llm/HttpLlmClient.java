package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.CallEnvironment.World;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The client for OpenAI-compatible APIs over HTTP. Thread-safe. */
public final class HttpLlmClient implements LlmClient {
  private final CallEnvironment environment;
  private final boolean streaming;

  /**
   * A client that sends over {@code http}.
   *
   * @param http shared with other users; not closed here
   */
  public HttpLlmClient(HttpClient http, LlmConfig config) {
    this(http, config, world(RandomGenerator.getDefault()));
  }

  HttpLlmClient(HttpClient http, LlmConfig config, World world) {
    this(config, new HttpTransport(http, world.mailboxes()), world);
  }

  HttpLlmClient(LlmConfig config, Transport transport, World world) {
    this.environment = CallEnvironment.of(config, transport, world);
    this.streaming = config.streaming();
  }

  /** The real world, with this randomness. */
  static World world(RandomGenerator random) {
    return new World(
        task -> Thread.ofVirtual().name("llm-call").start(task),
        Mailbox::blocking,
        new RetryPolicy(random),
        InstantSource.system(),
        System::nanoTime);
  }

  @Override
  public LlmStream stream(LlmRequest request, Deadline deadline) {
    var call = new LlmCall(request, true, true, deadline, environment);
    return new CallStream(call, start(call));
  }

  @Override
  public CompletableFuture<LlmResult> complete(LlmRequest request, Deadline deadline) {
    // Nobody sees any of the text before the end: even a stream that broke off can be repeated.
    boolean streamed = streaming && request.replyMode() == ReplyMode.TEXT_ONLY;
    var call = new LlmCall(request, streamed, false, deadline, environment);
    var result = start(call);
    var _ = result.whenComplete((_, _) -> call.close());
    return result;
  }

  private CompletableFuture<LlmResult> start(LlmCall call) {
    var result = new CompletableFuture<LlmResult>();
    environment.world().threads().execute(() -> call.run(result));
    return result;
  }
}
