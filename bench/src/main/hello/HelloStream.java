import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.runtime.StreamingHandler;
import dev.skein.runtime.StreamingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The least that a streaming function can be: its event is its response's body. */
public final class HelloStream implements StreamingHandler {

  @Override
  public void handle(InputStream event, StreamingResponse response, Context context)
      throws IOException {
    response.begin(200, Map.of("Content-Type", "application/json")).write(event.readAllBytes());
  }
}
