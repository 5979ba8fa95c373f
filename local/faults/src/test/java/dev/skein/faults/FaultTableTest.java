package dev.skein.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FaultTableTest {
  private static final Path PROJECT = Path.of("../..");

  @Test
  void theTableHasExactlyOneRowForEachFault() {
    assertThat(FaultTable.rows(PROJECT))
        .extracting(row -> row.family() + "/" + row.name() + "/" + row.wire())
        .containsExactlyElementsOf(
            FaultCatalogue.all().stream()
                .map(fault -> fault.family() + "/" + fault.name() + "/" + fault.wire())
                .toList());
  }

  @Test
  void faultNamesAreUnique() {
    assertThat(FaultCatalogue.all()).extracting(Fault::name).doesNotHaveDuplicates();
  }

  @Test
  void theCatalogueHasEveryFamily() {
    assertThat(FaultCatalogue.all())
        .extracting(Fault::family)
        .contains(
            "rejects",
            "credentials",
            "throttles",
            "breaks",
            "transport",
            "time",
            "framing",
            "meaning",
            "streams");
  }
}
