package dev.skein.runtime;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What both ways to answer have in common: the failure, and the work for afterwards. */
abstract class Reply implements StreamingResponse {
  /** What an invocation fails with when its handler neither answered nor threw. */
  private static final Failure NO_RESPONSE =
      new Failure("Runtime.NoResponse", "The handler returned without a response.");

  final String requestId;
  final RuntimeClient api;
  final RuntimeLog log;

  private final List<Runnable> work = new ArrayList<>();
  private boolean workDone;
  private @Nullable Failure failure;

  Reply(String requestId, RuntimeClient api, RuntimeLog log) {
    this.requestId = requestId;
    this.api = api;
    this.log = log;
  }

  /**
   * Ends the response: posts what was not posted yet.
   *
   * @param thrown what the handler threw, or null when it returned
   */
  abstract void end(@Nullable Failure thrown);

  @Override
  public final synchronized void fail(String errorType, String errorMessage) {
    if (failure == null) {
      failure = new Failure(errorType, errorMessage);
    }
  }

  @Override
  public final synchronized void afterwards(Runnable task) {
    if (workDone) {
      throw new IllegalStateException("the work after this response is done already");
    }
    work.add(task);
  }

  /** The failure that the handler told of itself, or null. */
  final synchronized @Nullable Failure failure() {
    return failure;
  }

  /** Answers with an error. What the handler said itself is better than what it threw. */
  final void failInvocation(@Nullable Failure said, @Nullable Failure thrown) {
    Failure told = said != null ? said : thrown != null ? thrown : NO_RESPONSE;
    if (thrown == null) {
      // What was thrown is in the log already.
      log.warn("invocation_failed", requestId, told.type());
    }
    api.fail(requestId, told);
  }

  /**
   * Does the work for afterwards, with what is added meanwhile.
   *
   * @return an error after which the process cannot go on, or null
   */
  final @Nullable Throwable runAfterwards() {
    Throwable fatal = null;
    for (Runnable task = nextWork(); task != null; task = nextWork()) {
      try {
        task.run();
      } catch (Throwable e) { // one fault keeps no other work from being done
        log.fault("afterwards_failed", requestId, e);
        fatal = Worker.isFatal(e) ? e : fatal;
      }
    }
    return fatal;
  }

  private synchronized @Nullable Runnable nextWork() {
    workDone = work.isEmpty();
    return workDone ? null : work.removeFirst();
  }
}
