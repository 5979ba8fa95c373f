package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class BarChartTest {

  private static final String SVG =
      new BarChart("Cold & warm", "init", "first invoke")
          .bar("`one`", 300.0, 100.0)
          .bar("two", 100.0, 100.0)
          .svg();

  @Test
  void theLongestBarHasTheWholeWidthAndPartsFollowEachOther() {
    assertThat(SVG.lines().filter(line -> line.contains("height=\"18\"")))
        .containsExactly(
            "<rect x=\"330.0\" y=\"40\" width=\"360.0\" height=\"18\" fill=\"#3b82c4\"/>",
            "<rect x=\"690.0\" y=\"40\" width=\"120.0\" height=\"18\" fill=\"#d97706\"/>",
            "<rect x=\"330.0\" y=\"66\" width=\"120.0\" height=\"18\" fill=\"#3b82c4\"/>",
            "<rect x=\"450.0\" y=\"66\" width=\"120.0\" height=\"18\" fill=\"#d97706\"/>");
  }

  @Test
  void aBarIsLabelledWithItsNameAndItsTotal() {
    assertThat(SVG).contains(">one</text>", ">400</text>", ">200</text>");
  }

  @Test
  void theSvgIsWellFormed() throws Exception {
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var picture = builder.parse(new ByteArrayInputStream(SVG.getBytes(UTF_8)));

    assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(6);
  }
}
