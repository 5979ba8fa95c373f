package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What streamed and buffered responses share: the failure, the body and the work afterwards. */
abstract class HandlerResponse implements StreamingResponse {
  private static final ErrorReport NO_RESPONSE =
      new ErrorReport("Runtime.NoResponse", "The handler returned without a response.");

  final String requestId;
  final RuntimeApiClient api;
  final RuntimeLog log;

  private final List<Runnable> work = new ArrayList<>();
  private boolean workDone;
  private @Nullable ErrorReport failure;

  HandlerResponse(String requestId, RuntimeApiClient api, RuntimeLog log) {
    this.requestId = requestId;
    this.api = api;
    this.log = log;
  }

  /**
   * Ends the response: posts what was not posted yet.
   *
   * @param thrown what the handler threw, or null when it returned
   */
  abstract void end(@Nullable ErrorReport thrown);

  /** Writes a piece of the body. */
  abstract void write(byte[] bytes, int offset, int length) throws IOException;

  @Override
  public final synchronized void fail(String errorType, String errorMessage) {
    if (failure == null) {
      failure = new ErrorReport(errorType, errorMessage);
    }
  }

  @Override
  public final synchronized void afterwards(Runnable task) {
    if (workDone) {
      throw new IllegalStateException("the work after this response has ended");
    }
    work.add(task);
  }

  /** The failure that the handler reported itself, or null. */
  final synchronized @Nullable ErrorReport failure() {
    return failure;
  }

  static void checkBegin(int status, boolean begun) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("a response's status is 200 to 599, not " + status);
    }
    if (begun) {
      throw new IllegalStateException("the response has begun already");
    }
  }

  final void checkNotFailed() throws BrokenResponseException {
    if (failure() != null) {
      throw new BrokenResponseException("the response was failed");
    }
  }

  /** Posts an error instead of a response: what the handler reported rather than what it threw. */
  final void failInvocation(@Nullable ErrorReport reported, @Nullable ErrorReport thrown) {
    ErrorReport error = reported != null ? reported : thrown != null ? thrown : NO_RESPONSE;
    if (thrown == null) {
      // What was thrown is in the log already.
      log.warn("invocation_failed", requestId, error.type());
    }
    api.fail(requestId, error);
  }

  /**
   * Does the work afterwards, with what is added meanwhile.
   *
   * @return an error after which the process cannot go on, or null
   */
  final @Nullable Throwable runAfterwards() {
    Throwable fatal = null;
    for (Runnable task = nextWork(); task != null; task = nextWork()) {
      Throwable thrown = run(task, "afterwards_failed");
      fatal = thrown != null && Worker.isFatal(thrown) ? thrown : fatal;
    }
    return fatal;
  }

  /** Runs a task; returns what it threw, which is logged as this event, or null. */
  final @Nullable Throwable run(Runnable task, String failureEvent) {
    try {
      task.run();
      return null;
    } catch (Throwable e) { // one fault keeps no other task from running
      log.fault(failureEvent, requestId, e);
      return e;
    }
  }

  private synchronized @Nullable Runnable nextWork() {
    workDone = work.isEmpty();
    return workDone ? null : work.removeFirst();
  }

  /** The stream that the handler writes to. */
  final class Body extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      HandlerResponse.this.write(bytes, offset, length);
    }
  }
}
