package dev.skein.local.services;

import java.lang.reflect.Field;

/**
 * Starts DynamoDB Local on 127.0.0.1 only: it has no option for the address, and would listen on
 * all of them. It uses reflection, since the server is not on this module's class path.
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
