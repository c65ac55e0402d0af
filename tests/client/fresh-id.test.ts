import { expect, test } from "vitest";
import { requestNames } from "#client/fresh-id.ts";

test("[WAI6] a request that is sent again has its name, another one a name of its own", () => {
  const nameOf = requestNames();
  const first = nameOf({ reason: "lost", until: 1 });
  expect(nameOf({ reason: "lost", until: 1 })).toBe(first);
  const second = nameOf({ reason: "lost", until: 2 });
  expect(second).not.toBe(first);
  expect(nameOf({ reason: "lost", until: 2 })).toBe(second);
  expect(requestNames()({ reason: "lost", until: 2 })).not.toBe(second);
});
