package dev.skein.local.services;

/** The names that resources of this machine have in AWS's notation. */
public final class Arns {

  /** The region that everything here is in. */
  public static final String REGION = "us-east-1";

  /** The account that everything here belongs to. */
  public static final String ACCOUNT = "000000000000";

  private Arns() {}

  public static String queue(String name) {
    return "arn:aws:sqs:%s:%s:%s".formatted(REGION, ACCOUNT, name);
  }

  public static String function(String name) {
    return "arn:aws:lambda:%s:%s:function:%s".formatted(REGION, ACCOUNT, name);
  }
}
