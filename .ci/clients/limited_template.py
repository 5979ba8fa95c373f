"""Prints template.yaml with small limits for each API key, and with pages of one ORIGIN that may call."""

import re
import sys

BURST, QUOTA = 8, 12

template = open("template.yaml", encoding="utf-8").read()
origins = re.compile(r'(^  CorsAllowedOrigins:\n    Type: String\n    Default: )""$', re.M)
assert len(origins.findall(template)) == 1
lines = origins.sub(rf'\1"{sys.argv[1]}"', template).split("\n")
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
plan.insert(throttle, f"{margin}Quota: {{ Limit: {QUOTA}, Period: MONTH }}")
print("\n".join(lines[:start] + plan + lines[end:]))
