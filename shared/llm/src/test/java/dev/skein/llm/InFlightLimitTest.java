package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.InFlightLimit.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightLimitTest {
  private final InFlightLimit limit = new InFlightLimit(2);
  private final List<String> started = new ArrayList<>();

  private Place enter(String name) {
    return limit.enter(() -> started.add(name)).orElseThrow();
  }

  @Test
  void asManyAsMayRunStartAtOnce() {
    enter("a");
    enter("b");
    enter("c");

    assertThat(started).containsExactly("a", "b");
  }

  @Test
  void whoLeavesLetsTheFirstStartWhoWaits() {
    var a = enter("a");
    var b = enter("b");
    enter("c");
    enter("d");

    a.leave();
    assertThat(started).containsExactly("a", "b", "c");
    b.leave();
    assertThat(started).containsExactly("a", "b", "c", "d");
  }

  @Test
  void asManyAgainMayWaitAndTheNextIsRefused() {
    List.of("a", "b", "c", "d").forEach(this::enter);

    assertThat(limit.enter(() -> started.add("e"))).isEmpty();
  }

  @Test
  void whoLeavesTheQueueIsNeverStarted() {
    var a = enter("a");
    enter("b");
    var c = enter("c");
    enter("d");

    c.leave();
    a.leave();

    assertThat(started).containsExactly("a", "b", "d");
    assertThat(limit.enter(() -> {})).isPresent();
  }

  @Test
  void leavingTwiceFreesOnePlace() {
    var a = enter("a");
    enter("b");
    enter("c");
    enter("d");

    a.leave();
    a.leave();

    assertThat(started).containsExactly("a", "b", "c");
  }

  @Test
  void whenAllHaveLeftAllPlacesAreFree() {
    var places = List.of(enter("a"), enter("b"), enter("c"), enter("d"));
    places.forEach(Place::leave);
    started.clear();

    enter("e");
    enter("f");
    enter("g");

    assertThat(started).containsExactly("e", "f");
  }

  @Test
  void howeverManyEndAsSoonAsTheyStartAllOfThemDo() {
    int many = 100_000;
    var crowd = new InFlightLimit(many);
    var ended = new AtomicInteger();
    var first = crowd.enter(() -> {}).orElseThrow();
    for (int i = 1; i < many; i++) {
      assertThat(crowd.enter(() -> {})).isPresent();
    }
    var places = new ArrayList<Place>();
    for (int i = 0; i < many; i++) {
      int number = i;
      places.add(
          crowd
              .enter(
                  () -> {
                    ended.incrementAndGet();
                    places.get(number).leave();
                  })
              .orElseThrow());
    }

    first.leave();

    assertThat(ended).hasValue(many);
  }
}
