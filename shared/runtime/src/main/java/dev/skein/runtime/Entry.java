package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** The function's handler, which is of one of two kinds: the other one is null. */
record Entry(@Nullable StreamingHandler streaming, @Nullable RequestStreamHandler whole) {

  private static final StreamingHandler NOTHING_TO_CLOSE = (event, response, context) -> {};

  StreamingHandler handler() {
    return streaming != null ? streaming : NOTHING_TO_CLOSE;
  }

  /**
   * Makes the handler that {@code _HANDLER} names.
   *
   * @param handler {@code package.Class}, or that with {@code ::handle} or {@code ::handleRequest}
   */
  static Entry load(String handler) throws StartException {
    Object made = make(find(className(handler)));
    if (made instanceof StreamingHandler streaming) {
      return new Entry(streaming, null);
    }
    if (made instanceof RequestStreamHandler whole) {
      return new Entry(null, whole);
    }
    throw invalid(
        "The handler "
            + made.getClass().getName()
            + " implements neither dev.skein.runtime.StreamingHandler nor RequestStreamHandler.");
  }

  private static String className(String handler) throws StartException {
    int colons = handler.indexOf("::");
    String method = colons < 0 ? "handle" : handler.substring(colons + 2);
    if (handler.isEmpty() || !(method.equals("handle") || method.equals("handleRequest"))) {
      throw invalid(
          "_HANDLER must be a class name, perhaps with ::handle or ::handleRequest, not \""
              + handler
              + "\".");
    }
    return colons < 0 ? handler : handler.substring(0, colons);
  }

  private static Constructor<?> find(String name) throws StartException {
    try {
      return Class.forName(name).getConstructor();
    } catch (ClassNotFoundException e) {
      throw new StartException("Runtime.ClassNotFound", "There is no handler class " + name + ".");
    } catch (NoSuchMethodException e) {
      throw invalid("The handler " + name + " has no public constructor without parameters.");
    } catch (Throwable e) { // the class's own code, which may throw anything
      throw failed(e);
    }
  }

  private static Object make(Constructor<?> constructor) throws StartException {
    try {
      return constructor.newInstance();
    } catch (IllegalAccessException | InstantiationException e) {
      String name = constructor.getDeclaringClass().getName();
      throw invalid("The handler " + name + " must be a public class that is not abstract.");
    } catch (Throwable e) { // the constructor's own code, which may throw anything
      throw failed(e);
    }
  }

  /** What the function's own code threw while it started: its message names what to mend. */
  private static StartException failed(Throwable thrown) {
    Throwable fault = thrown;
    while ((fault instanceof InvocationTargetException
            || fault instanceof ExceptionInInitializerError)
        && fault.getCause() != null) {
      fault = fault.getCause();
    }
    String message = fault.getMessage();
    return new StartException(
        new Failure(
            fault.getClass().getName(),
            message != null ? message : "The handler could not be made."),
        fault);
  }

  private static StartException invalid(String message) {
    return new StartException("Runtime.InvalidHandler", message);
  }
}
