package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What streamed and buffered responses have in common: everything but how the body is sent. */
abstract class HandlerResponse implements StreamingResponse {
  private static final ErrorReport NO_RESPONSE =
      new ErrorReport("Runtime.NoResponse", "The handler returned without a response.");

  final InvocationEvent invocation;
  final RuntimeApiClient api;
  final RuntimeLog log;

  private boolean begun;
  private @Nullable ErrorReport failure;
  private @Nullable Runnable disconnectTask;
  private @Nullable Runnable afterwards;

  /** On the clock of System.nanoTime; without a limit, 146 years from now. */
  private long deadline = System.nanoTime() + Long.MAX_VALUE / 2;

  HandlerResponse(InvocationEvent invocation, RuntimeApiClient api, RuntimeLog log) {
    this.invocation = invocation;
    this.api = api;
    this.log = log;
  }

  /**
   * Ends the response: posts what was not posted yet.
   *
   * @param thrown what the handler threw, or null if it returned normally
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
  public final synchronized void onDisconnect(Runnable task) {
    checkNotBegun();
    disconnectTask = task;
  }

  @Override
  public final synchronized void limit(Duration time) {
    checkNotBegun();
    deadline = System.nanoTime() + time.toNanos();
  }

  @Override
  public final synchronized void afterwards(Runnable work) {
    afterwards = work;
  }

  /** The failure that the handler reported itself, or null. */
  final synchronized @Nullable ErrorReport failure() {
    return failure;
  }

  /** The time until the limit in milliseconds, rounded up; 0 once it has passed. */
  final synchronized int timeLeftMs() {
    return Math.clamp((deadline - System.nanoTime() + 999_999) / 1_000_000, 0, Integer.MAX_VALUE);
  }

  /** Marks the response as begun, if it may begin. */
  final synchronized void markBegun(int status) throws BrokenResponseException {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("a response's status is 200 to 599, not " + status);
    }
    checkNotBegun();
    checkNotFailed();
    begun = true;
  }

  final synchronized void checkNotFailed() throws BrokenResponseException {
    if (failure != null) {
      throw new BrokenResponseException("the response has failed");
    }
  }

  /** Posts an error instead of a response: what the handler reported rather than what it threw. */
  final void failInvocation(@Nullable ErrorReport reported, @Nullable ErrorReport thrown) {
    ErrorReport error = reported != null ? reported : thrown != null ? thrown : NO_RESPONSE;
    if (thrown == null) {
      // What was thrown is in the log already.
      log.warn("invocation_failed", invocation, error.type());
    }
    api.fail(invocation, error);
  }

  final void runDisconnectTask() {
    Runnable task;
    synchronized (this) {
      task = disconnectTask;
    }
    var _ = run(task, "disconnect_task_failed");
  }

  /**
   * Runs the work that follows the response.
   *
   * @return an error after which the process cannot go on, or null
   */
  final @Nullable Throwable runAfterwards() {
    Runnable work;
    synchronized (this) {
      work = afterwards;
    }
    Throwable thrown = run(work, "afterwards_failed");
    return thrown != null && Worker.isFatal(thrown) ? thrown : null;
  }

  /**
   * Runs a task, if there is one; returns what it threw, which is logged as this event, or null.
   */
  private @Nullable Throwable run(@Nullable Runnable task, String failureEvent) {
    try {
      if (task != null) {
        task.run();
      }
      return null;
    } catch (Throwable e) { // the handler's own code, which may throw anything
      log.fault(failureEvent, invocation, e);
      return e;
    }
  }

  private void checkNotBegun() {
    if (begun) {
      throw new IllegalStateException("the response has already begun");
    }
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
