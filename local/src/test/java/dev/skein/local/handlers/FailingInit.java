package dev.skein.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.InputStream;
import java.io.OutputStream;

/** A function whose configuration is of no use. */
public final class FailingInit implements RequestStreamHandler {

  public FailingInit() {
    throw new IllegalStateException("SOME_SETTING is missing");
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {}
}
