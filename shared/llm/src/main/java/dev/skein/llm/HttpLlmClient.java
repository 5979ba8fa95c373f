package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.CallEnvironment.World;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** The client for OpenAI-compatible APIs over HTTP. Thread-safe. */
public final class HttpLlmClient implements LlmClient {
  private final CallEnvironment environment;
  private final boolean streaming;
  private final Set<LlmCall> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * A client that sends over {@code http}.
   *
   * @param http shared with other users; not closed here
   */
  public HttpLlmClient(HttpClient http, LlmConfig config) {
    this(http, config, Optional.empty());
  }

  /**
   * As {@link #HttpLlmClient(HttpClient, LlmConfig)}, with endpoints and keys from a source.
   *
   * @param source empty if those of {@code config} are complete
   */
  public HttpLlmClient(HttpClient http, LlmConfig config, Optional<EndpointSource> source) {
    // The JDK's other generators get their seeds from a sequence that all environments restored
    // from one snapshot would continue alike, and would then retry at the same moments. This one
    // reads the kernel's generator, as Lambda recommends:
    // https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    this(config, source, http, world(new SecureRandom()));
  }

  HttpLlmClient(HttpClient http, LlmConfig config, World world) {
    this(config, Optional.empty(), http, world);
  }

  HttpLlmClient(LlmConfig config, Optional<EndpointSource> source, HttpClient http, World world) {
    this(config, source, new HttpTransport(http, world.mailboxes()), world);
  }

  HttpLlmClient(LlmConfig config, Transport transport, World world) {
    this(config, Optional.empty(), transport, world);
  }

  private HttpLlmClient(
      LlmConfig config, Optional<EndpointSource> source, Transport transport, World world) {
    this.environment = CallEnvironment.of(config, source, transport, world);
    this.streaming = config.streaming();
  }

  /** The real world, with this randomness. */
  static World world(RandomGenerator random) {
    return new World(
        task -> Thread.ofVirtual().name("llm-call").start(task),
        Mailbox::blocking,
        random,
        InstantSource.system(),
        System::nanoTime);
  }

  /** Notes that so many connections to the first endpoint were opened, and wait in the pool. */
  public void connectionsOpened(int count) {
    for (int connection = 0; connection < count; connection++) {
      environment.endpoints().all().getFirst().connectionKept();
    }
  }

  /**
   * Fetches the keys if they come from a source, so that the first call finds them.
   *
   * @return done when they are there, or the source has failed and the first call reads it again
   */
  public CompletableFuture<Void> fetchKeys() {
    return environment.endpoints().fetch();
  }

  @Override
  public LlmStream stream(LlmRequest request, Deadline firstText, Deadline deadline) {
    var call = LlmCall.forReader(request, firstText, deadline, environment);
    return new CallStream(call, start(call));
  }

  @Override
  public CompletableFuture<LlmResult> complete(LlmRequest request, Deadline deadline) {
    // Nobody sees any of the text before the end: even a stream that broke off can fail over.
    boolean streamed = streaming && request.replyMode() == ReplyMode.TEXT_ONLY;
    var call = LlmCall.forResult(request, streamed, deadline, environment);
    var result = start(call);
    // A caller leaves by cancelling this future.
    var _ =
        result.whenComplete(
            (_, failure) -> {
              if (failure != null) {
                call.close(new Abandoned());
              }
            });
    return result;
  }

  @Override
  public void close() {
    closed = true;
    running.forEach(HttpLlmClient::end);
  }

  private static void end(LlmCall call) {
    call.close(new Unavailable(NoReply.SHUTTING_DOWN, Optional.empty()));
  }

  private CompletableFuture<LlmResult> start(LlmCall call) {
    var result = new CompletableFuture<LlmResult>();
    running.add(call);
    if (closed) {
      end(call);
    }
    environment
        .world()
        .threads()
        .execute(
            () -> {
              try {
                call.run(result);
              } finally {
                running.remove(call);
              }
            });
    return result;
  }
}
