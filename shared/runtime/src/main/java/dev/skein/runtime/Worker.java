package dev.skein.runtime;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Handles one event after another, on the thread that runs it. */
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
   * Works until the environment is shut down, or cannot go on.
   *
   * @return whether the process has to exit as failed
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
        log.ending("no event could be got: " + e.getMessage());
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

  /** Whether the JVM itself is damaged. A stack that has overflowed is empty again. */
  static boolean isFatal(Throwable fault) {
    return fault instanceof VirtualMachineError && !(fault instanceof StackOverflowError);
  }

  private @Nullable Throwable handle(InvocationEvent event) {
    trace(event);
    HandlerResponse response =
        settings.buffered()
            ? new BufferedResponse(event.requestId(), api, log)
            : new ChunkedResponse(event.requestId(), api, log);
    Throwable thrown = null;
    try {
      handler.handle(
          new ByteArrayInputStream(event.body()),
          response,
          new InvocationContext(event, settings.function(), log));
    } catch (Throwable e) { // an Error gets a response too
      thrown = e;
      // That the caller has gone is no fault of the handler, and was logged where it was seen.
      if (!(e instanceof BrokenResponseException)) {
        log.fault("handler_failed", event.requestId(), e);
      }
    }
    response.end(thrown == null ? null : ErrorReport.of(thrown));
    Throwable fatal = response.runAfterwards();
    // An interrupt that the handler left behind must not end the wait for the next event.
    Thread.interrupted();
    return thrown != null && isFatal(thrown) ? thrown : fatal;
  }

  /** The AWS SDK reads the trace from a property, which is of no use to several workers at once. */
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
