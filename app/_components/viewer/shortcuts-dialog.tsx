"use client";

import { useEffect, useState } from "react";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { SHORTCUTS } from "#client/keymap.ts";
import { onOpenShortcuts } from "./shortcuts.ts";

/** Every key of the viewer, by what one is doing. */
export function ShortcutsDialog() {
  const [open, setOpen] = useState(false);
  useEffect(() => onOpenShortcuts(() => setOpen(true)), []);
  const groups = [...Map.groupBy(SHORTCUTS, ({ group }) => group)];
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keys" wide>
      <div className="columns-2 gap-8">
        {groups.map(([group, shortcuts]) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-medium text-faint text-xs">{group}</h3>
            <dl>
              {shortcuts.map(({ keys, does }) => (
                <div key={does} className="flex items-start justify-between gap-4 border-b py-1 last:border-0">
                  <dt className="text-sm">{does}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <kbd
                        key={key}
                        className="rounded border border-line-strong bg-sunken px-1.5 font-sans text-2xs text-muted"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
