"""Prints template.yaml with small limits for each API key."""

import re

BURST, QUOTA = 8, 12

lines = open("template.yaml", encoding="utf-8").read().split("\n")
start = next(i for i, line in enumerate(lines) if re.fullmatch(r" +UsagePlan:", line))
indent = len(lines[start]) - len(lines[start].lstrip())
end = next(i for i in range(start + 1, len(lines)) if lines[i].strip() and not lines[i].startswith(" " * (indent + 1)))
plan = [re.sub(r"(RateLimit:).*", r"\1 1", re.sub(r"(BurstLimit:).*", rf"\1 {BURST}", line)) for line in lines[start:end]]
throttle = next(i for i, line in enumerate(plan) if line.strip().startswith("Throttle:"))
margin = plan[throttle][: len(plan[throttle]) - len(plan[throttle].lstrip())]
quota = next((i for i, line in enumerate(plan) if line.strip().startswith("Quota:")), None)
if quota is not None:
    after = next((i for i in range(quota + 1, len(plan)) if plan[i].strip() and not plan[i].startswith(margin + " ")), len(plan))
    del plan[quota:after]
    throttle = next(i for i, line in enumerate(plan) if line.strip().startswith("Throttle:"))
plan.insert(throttle, f"{margin}Quota: {{ Limit: {QUOTA}, Period: DAY }}")
print("\n".join(lines[:start] + plan + lines[end:]))
