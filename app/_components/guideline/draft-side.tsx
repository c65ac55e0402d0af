"use client";

import type { ReactNode } from "react";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "#app/_components/ui/tabs.tsx";

/** Of the element, so that others can scroll to it. */
export const SIDE_ID = "about-the-draft";

type Tab = { readonly key: string; readonly label: string; readonly count: number; readonly content: ReactNode };

/** Beside the editor: what changed, what is said about it, and the questions that it answers. */
export function DraftSide({ tabs }: { readonly tabs: readonly Tab[] }) {
  return (
    <aside
      id={SIDE_ID}
      aria-label="About the draft"
      className="scroll-thin scroll-mt-14 overflow-y-auto border-t bg-panel lg:col-span-2 xl:col-span-1 xl:border-t-0"
    >
      <Tabs defaultValue={tabs[0]?.key ?? ""}>
        <TabsList className="sticky top-0 z-10 bg-panel px-4">
          {tabs.map(({ key, label, count }) => (
            <TabsTrigger key={key} value={key}>
              {label} {count === 0 ? null : <Badge>{count}</Badge>}
            </TabsTrigger>
          ))}
        </TabsList>
        {tabs.map(({ key, content }) => (
          <TabsContent key={key} value={key} className="p-4 outline-none">
            {content}
          </TabsContent>
        ))}
      </Tabs>
    </aside>
  );
}
