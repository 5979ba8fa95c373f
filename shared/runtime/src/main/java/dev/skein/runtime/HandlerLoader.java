package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CompletionException;

/** Creates the handler that {@code _HANDLER} names. */
final class HandlerLoader {
  private HandlerLoader() {}

  /**
   * Loads the class and calls its constructor.
   *
   * @param name {@code package.Class}
   */
  static StreamingHandler load(String name) throws InitException {
    if (name.isEmpty() || name.contains("::")) {
      throw invalid("_HANDLER must be a class name without a method, not \"" + name + "\".");
    }
    Object created;
    try {
      created = Class.forName(name).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw new InitException(
          "Runtime.ClassNotFound", "The handler class " + name + " was not found.");
    } catch (NoSuchMethodException e) {
      throw invalid("The handler " + name + " has no public constructor without parameters.");
    } catch (IllegalAccessException | InstantiationException e) {
      throw invalid("The handler " + name + " must be a public class that is not abstract.");
    } catch (Throwable e) { // the handler's own code, which may throw anything
      throw failed(e);
    }
    if (created instanceof StreamingHandler streaming) {
      return streaming;
    }
    if (created instanceof RequestStreamHandler whole) {
      return StreamingHandler.of(whole);
    }
    throw invalid(
        "The handler "
            + name
            + " does not implement dev.skein.runtime.StreamingHandler or RequestStreamHandler.");
  }

  /** The function's own code threw an exception on startup: its message says what to fix. */
  static InitException failed(Throwable thrown) {
    Throwable fault = thrown;
    while ((fault instanceof InvocationTargetException
            || fault instanceof ExceptionInInitializerError
            || fault instanceof CompletionException)
        && fault.getCause() != null) {
      fault = fault.getCause();
    }
    String message = fault.getMessage();
    return new InitException(
        new ErrorReport(
            fault.getClass().getName(),
            message != null ? message : "The handler could not be created."),
        fault);
  }

  private static InitException invalid(String message) {
    return new InitException("Runtime.InvalidHandler", message);
  }
}
