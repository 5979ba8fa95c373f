package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.bench.TokenStream.Token;
import java.io.ByteArrayInputStream;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class StreamPlotTest {

  private static final TokenStream STREAM =
      new TokenStream(
          0,
          List.of(new Token(0, 1_000_000_000), new Token(1_000_000_000, 2_000_000_000)),
          2_000_000_000);

  @Test
  void eachTokenHasADotForItsWriteAndOneForItsRead() {
    assertThat(StreamPlot.of(STREAM).lines().filter(line -> line.startsWith("<circle")))
        .containsExactly(
            "<circle cx=\"130.0\" cy=\"35\" r=\"4\"/>",
            "<circle cx=\"450.0\" cy=\"35\" r=\"4\"/>",
            "<circle cx=\"450.0\" cy=\"75\" r=\"4\"/>",
            "<circle cx=\"770.0\" cy=\"75\" r=\"4\"/>");
  }

  @Test
  void theSvgIsWellFormed() throws Exception {
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var picture = builder.parse(new ByteArrayInputStream(StreamPlot.of(STREAM).getBytes(UTF_8)));

    assertThat(picture.getElementsByTagName("circle").getLength()).isEqualTo(4);
  }
}
