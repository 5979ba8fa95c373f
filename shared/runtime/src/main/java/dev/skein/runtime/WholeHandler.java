package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** A handler as AWS's own runtime client calls it: what it writes is the payload. */
record WholeHandler(RequestStreamHandler handler) implements StreamingHandler {

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    var payload = new ByteArrayOutputStream();
    handler.handleRequest(event, payload, context);
    ((WholeResponse) response).set(payload.toByteArray());
  }
}
