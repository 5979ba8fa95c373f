package dev.skein.local.services;

/** ARNs of local resources. */
public final class Arns {

  /** The region of all local resources. */
  public static final String REGION = "us-east-1";

  /** The account of all local resources. */
  public static final String ACCOUNT = "000000000000";

  private Arns() {}

  public static String queue(String name) {
    return "arn:aws:sqs:%s:%s:%s".formatted(REGION, ACCOUNT, name);
  }

  public static String function(String name) {
    return "arn:aws:lambda:%s:%s:function:%s".formatted(REGION, ACCOUNT, name);
  }
}
