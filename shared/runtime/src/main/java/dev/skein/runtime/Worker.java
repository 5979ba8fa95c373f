package dev.skein.runtime;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Handles events one by one, on the thread that runs it. */
final class Worker {
  private static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";

  private final StreamingHandler handler;
  private final RuntimeSettings settings;
  private final RuntimeApiClient api;
  private final Shutdown shutdown;
  private final RuntimeLog log;

  Worker(
      StreamingHandler handler,
      RuntimeSettings settings,
      RuntimeApiClient api,
      Shutdown shutdown,
      RuntimeLog log) {
    this.handler = handler;
    this.settings = settings;
    this.api = api;
    this.shutdown = shutdown;
    this.log = log;
    shutdown.add(api);
  }

  /**
   * Runs until the environment is shut down, or an error makes it impossible to continue.
   *
   * @return whether the process must exit with an error
   */
  boolean run() {
    while (true) {
      InvocationEvent event;
      try {
        event = api.next();
      } catch (IOException e) {
        if (shutdown.isStopping()) {
          return false;
        }
        log.ending("no event was received: " + e.getMessage());
        return true;
      }
      if (!shutdown.begin(api)) {
        return false;
      }
      Throwable fatal = handle(event);
      shutdown.end(api);
      if (fatal != null) {
        log.ending("a handler ended with " + fatal.getClass().getName());
        return true;
      }
    }
  }

  /** Whether the JVM itself may be damaged. A stack overflow is over once it is caught. */
  static boolean isFatal(Throwable fault) {
    return fault instanceof VirtualMachineError && !(fault instanceof StackOverflowError);
  }

  /**
   * Handles one event, and returns when its response and the work that follows it have ended.
   *
   * @return an error after which the process cannot go on, or null
   */
  @Nullable Throwable handle(InvocationEvent event) {
    trace(event);
    HandlerResponse response = response(event);
    Throwable thrown = null;
    try {
      handler.handle(
          new ByteArrayInputStream(event.body()),
          response,
          new InvocationContext(event, settings.function(), log));
    } catch (Throwable e) { // an Error must be reported too
      thrown = e;
      // A broken response is not the handler's fault, and is logged when the response ends.
      if (e instanceof ReportedException) {
        log.warn("invocation_failed", event, String.valueOf(e.getMessage()));
      } else if (!(e instanceof BrokenResponseException)) {
        log.fault("handler_failed", event, e);
      }
    }
    response.end(thrown == null ? null : ErrorReport.of(thrown));
    Throwable fatal = response.runAfterwards();
    // An interrupt that the handler left behind must not end the wait for the next event.
    Thread.interrupted();
    return thrown != null && isFatal(thrown) ? thrown : fatal;
  }

  private HandlerResponse response(InvocationEvent event) {
    if (handler instanceof WholeHandler) {
      return new WholeResponse(event, api, log);
    }
    return settings.buffered()
        ? new BufferedResponse(event, api, log)
        : new ChunkedResponse(event, api, log);
  }

  /** The AWS SDK reads the trace from a system property, which several workers cannot share. */
  private void trace(InvocationEvent event) {
    if (settings.workers() > 1) {
      return;
    }
    if (event.traceId() != null) {
      System.setProperty(TRACE_PROPERTY, event.traceId());
    } else {
      System.clearProperty(TRACE_PROPERTY);
    }
  }
}
