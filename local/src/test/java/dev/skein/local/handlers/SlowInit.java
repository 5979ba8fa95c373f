package dev.skein.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;

/** A function that never comes to life. */
public final class SlowInit implements RequestStreamHandler {

  public SlowInit() {
    while (!Thread.interrupted()) {
      LockSupport.park();
    }
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {}
}
