package dev.skein.runtime;

import java.io.IOException;
import java.util.Map;

/**
 * Whether this environment is initialized before a snapshot or after a restore, with AWS Lambda
 * SnapStart. The function is initialized twice. Before the snapshot, it loads and rehearses its
 * code, but opens no connection to a service and obtains no credentials: every restored environment
 * would have the same ones, long after they were closed or have expired. After the restore, it
 * opens its connections, with handlers, clients and seeds that are new. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html">Lambda SnapStart</a>
 */
public final class SnapStart {
  private enum Phase {
    /** Without SnapStart, for as long as the environment lives. */
    NONE,
    BEFORE_SNAPSHOT,
    RESTORED
  }

  /** The phase of this environment. */
  private static volatile Phase shared = Phase.NONE;

  private SnapStart() {}

  /** Whether what is built now ends up in the snapshot, and is never used after it. */
  public static boolean isBeforeSnapshot() {
    return shared == Phase.BEFORE_SNAPSHOT;
  }

  /** Whether the environment was restored from a snapshot, which has all classes loaded. */
  public static boolean isRestored() {
    return shared == Phase.RESTORED;
  }

  static boolean isOn(Map<String, String> environment) {
    return "snap-start".equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"));
  }

  /**
   * Initializes the function for the snapshot, closes it, and returns when the environment has been
   * restored.
   *
   * @throws InitException if the function cannot be initialized or closed, or no snapshot is taken
   */
  static void awaitRestore(RuntimeSettings settings, RuntimeApiClient api) throws InitException {
    shared = Phase.BEFORE_SNAPSHOT;
    StreamingHandler rehearsed = HandlerLoader.load(settings.handler());
    try {
      rehearsed.close();
    } catch (Throwable e) { // the handler's own code, which may throw anything
      throw HandlerLoader.failed(e);
    }
    try {
      api.awaitRestore();
    } catch (IOException e) {
      throw new InitException(
          new ErrorReport(
              "Runtime.BeforeCheckpointError",
              "The environment was not restored: " + e.getMessage()),
          e);
    } finally {
      api.close();
    }
    shared = Phase.RESTORED;
  }
}
