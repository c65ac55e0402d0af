"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Callout } from "#app/_components/ui/callout.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { ReaderTest } from "#client/answers.ts";
import { api } from "#client/api.ts";
import type { ClassDefinition } from "#domain/guideline.ts";
import { TestItems } from "./test-items.tsx";
import { TestResult } from "./test-result.tsx";
import { TestStart } from "./test-start.tsx";

/** A reader shows that they can tell a class as it is now: what is asked, one place after the other, and what came of it. */
export function TestPage(props: {
  readonly projectId: string;
  readonly test: ReaderTest;
  readonly definition: ClassDefinition;
}) {
  const router = useRouter();
  const [test, setTest] = useState(props.test);
  const [again, setAgain] = useState(false);
  const { busy, error, run } = useSubmit();
  const begin = () =>
    run(async () => {
      setTest(await api.qualification.begin(test.taskId));
      setAgain(false);
    });
  const say = (itemId: string, classId: ClassDefinition["id"]) =>
    run(async () => {
      const { attempt } = test;
      if (attempt === null) return;
      const next = await api.qualification.say(test.taskId, { attemptId: attempt.id, itemId, classId });
      setTest(next);
      if (next.attempt?.result != null) router.refresh();
    });
  const { attempt } = test;
  const refused = error === null ? null : <Callout kind="bad">{error}</Callout>;
  if (attempt === null || again) {
    return (
      <>
        {refused}
        <TestStart test={test} definition={props.definition} busy={busy} onBegin={() => void begin()} />
      </>
    );
  }
  if (attempt.result !== null) {
    return (
      <>
        {refused}
        <TestResult
          projectId={props.projectId}
          test={test}
          attempt={attempt}
          result={attempt.result}
          onAgain={() => setAgain(true)}
        />
      </>
    );
  }
  return (
    <>
      {refused}
      <TestItems key={attempt.id} test={test} attempt={attempt} busy={busy} onSay={say} />
    </>
  );
}
