package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Abandoned;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A call's events on their way to its reader. */
final class CallStream implements LlmStream {
  private final LlmCall call;
  private final CompletableFuture<LlmResult> result;
  private volatile boolean ended;

  /** The events of a call that has begun and will complete {@code result}. */
  CallStream(LlmCall call, CompletableFuture<LlmResult> result) {
    this.call = call;
    this.result = result;
  }

  @Override
  public LlmEvent next() {
    if (!ended) {
      Optional<Delta> delta = call.takeDelta();
      if (delta.isPresent()) {
        return delta.get();
      }
      ended = true;
    }
    try {
      return new End(result.join());
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : e;
    }
  }

  @Override
  public void close() {
    if (!ended) {
      call.close(new Abandoned());
    }
  }
}
