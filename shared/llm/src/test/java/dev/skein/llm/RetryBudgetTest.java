package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  private static int spendAll(RetryBudget budget) {
    int retries = 0;
    while (budget.tryAcquire()) {
      retries++;
    }
    return retries;
  }

  @Test
  void aFullBucketHoldsItsRetriesAndNoMore() {
    assertThat(spendAll(new RetryBudget(10))).isEqualTo(10);
  }

  @Test
  void fiveCallsEarnOneRetry() {
    var budget = new RetryBudget(10);
    spendAll(budget);

    for (int i = 0; i < 4; i++) {
      budget.earn();
    }
    assertThat(budget.tryAcquire()).isFalse();
    budget.earn();
    assertThat(spendAll(budget)).isEqualTo(1);
  }

  @Test
  void whatAFullBucketEarnsIsLost() {
    var budget = new RetryBudget(2);
    for (int i = 0; i < 1000; i++) {
      budget.earn();
    }

    assertThat(spendAll(budget)).isEqualTo(2);
  }

  @Test
  void aBucketOfNoneNeverHasOne() {
    var budget = new RetryBudget(0);
    for (int i = 0; i < 1000; i++) {
      budget.earn();
    }

    assertThat(budget.tryAcquire()).isFalse();
  }
}
