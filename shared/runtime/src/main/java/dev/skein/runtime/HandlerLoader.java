package dev.skein.runtime;

import java.lang.reflect.InvocationTargetException;

/** Makes the handler that {@code _HANDLER} names. */
final class HandlerLoader {
  private HandlerLoader() {}

  /**
   * Loads the class and calls its constructor.
   *
   * @param handler {@code package.Class} or {@code package.Class::handle}
   */
  static StreamingHandler load(String handler) throws InitException {
    String name = className(handler);
    Object made;
    try {
      made = Class.forName(name).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw new InitException("Runtime.ClassNotFound", "There is no handler class " + name + ".");
    } catch (NoSuchMethodException e) {
      throw invalid("The handler " + name + " has no public constructor without parameters.");
    } catch (IllegalAccessException | InstantiationException e) {
      throw invalid("The handler " + name + " must be a public class that is not abstract.");
    } catch (Throwable e) { // the handler's own code, which may throw anything
      throw failed(e);
    }
    if (made instanceof StreamingHandler streaming) {
      return streaming;
    }
    throw invalid(
        "The handler " + name + " does not implement dev.skein.runtime.StreamingHandler.");
  }

  private static String className(String handler) throws InitException {
    int colons = handler.indexOf("::");
    if (handler.isEmpty() || (colons >= 0 && !handler.endsWith("::handle"))) {
      throw invalid(
          "_HANDLER must be a class name, optionally with ::handle, not \"" + handler + "\".");
    }
    return colons < 0 ? handler : handler.substring(0, colons);
  }

  /** What the function's own code threw while it started: its message says what to fix. */
  private static InitException failed(Throwable thrown) {
    Throwable fault = thrown;
    while ((fault instanceof InvocationTargetException
            || fault instanceof ExceptionInInitializerError)
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
