package dev.skein.local.services;

import java.lang.reflect.Field;

/**
 * Starts DynamoDB Local in a process of its own, on loopback only: it has no option for the address
 * and would listen to the whole network. Everything is looked up by name, since its classes are not
 * on this module's class path.
 */
final class DynamoDbLocalMain {

  private DynamoDbLocalMain() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Object server =
        Class.forName("software.amazon.dynamodb.services.local.main.ServerRunner")
            .getMethod("createServerFromCommandLineArgs", String[].class)
            .invoke(null, (Object) args);
    Field field = server.getClass().getDeclaredField("server");
    field.setAccessible(true);
    Object jetty = field.get(server);
    for (Object connector : (Object[]) jetty.getClass().getMethod("getConnectors").invoke(jetty)) {
      connector.getClass().getMethod("setHost", String.class).invoke(connector, "127.0.0.1");
    }
    server.getClass().getMethod("safeStart").invoke(server);
    server.getClass().getMethod("join").invoke(server);
  }
}
