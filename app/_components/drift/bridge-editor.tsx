"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { PickList } from "#app/_components/ui/pick-list.tsx";
import { useSubmit } from "#app/_components/use-submit.ts";
import type { Drift, Member, Slide } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";
import { type NewRegion, RegionPicker } from "./region-picker.tsx";

type Props = {
  readonly projectId: string;
  readonly drift: Drift;
  readonly slides: readonly Slide[];
  readonly readers: readonly Member[];
};
type Region = NewRegion & { readonly id?: string };

/** Which regions, and by whom. */
export function BridgeEditor(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)} data-testid="edit-bridge">
        <Pencil aria-hidden /> {props.drift.bridge.regions.length === 0 ? "Choose regions" : "Change"}
      </Button>
      {open ? <BridgeDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function BridgeDialog({ projectId, drift, slides, readers, onClose }: Props & { readonly onClose: () => void }) {
  const router = useRouter();
  const { bridge } = drift;
  const [regions, setRegions] = useState<readonly Region[]>(bridge.regions);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(bridge.readerIds));
  const { busy, error, run } = useSubmit();
  const slideName = (id: string) => slides.find((slide) => slide.id === id)?.name ?? "";
  const save = () =>
    run(async () => {
      const sent = regions.map(({ id, slideId, name, box }) => ({
        ...(id === undefined ? {} : { id }),
        slideId,
        name,
        box,
      }));
      await api.drift.setBridge(projectId, { regions: sent, readerIds: [...chosen] });
      toast.success("The bridge set is saved. Its reads are asked for now.");
      router.refresh();
      onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title="Bridge set"
      description="A region stays where it is once it is saved: what is compared must be the same tissue each time."
      wide
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} onClick={() => void save()} data-testid="save-bridge">
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {error === null ? null : <Callout kind="bad">{error}</Callout>}
        <RegionPicker slides={slides} regions={regions} onAdd={(region) => setRegions([...regions, region])} />
        <ul className="flex flex-col divide-y divide-line rounded-md border" aria-label="Regions">
          {regions.length === 0 ? <li className="px-3 py-2 text-faint text-sm">No region yet.</li> : null}
          {regions.map((region) => (
            <li key={`${region.slideId}-${region.name}`} className="flex items-center gap-2 px-3 py-1.5 text-sm">
              <span className="font-medium">{region.name}</span>
              <span className="text-faint text-xs">{slideName(region.slideId)}</span>
              <Button
                variant="ghost"
                size="icon"
                className="ml-auto size-6"
                aria-label={`Take ${region.name} out of the set`}
                onClick={() => setRegions(regions.filter((each) => each !== region))}
              >
                <Trash2 />
              </Button>
            </li>
          ))}
        </ul>
        <PickList
          title="Readers"
          empty="Invite annotators first."
          items={readers.map((reader) => ({
            id: reader.id,
            label: reader.name,
            hint: ROLE_LABELS[reader.role],
            mark: <Avatar name={reader.name} colour={reader.colour} />,
          }))}
          chosen={chosen}
          onChange={setChosen}
        />
      </div>
    </Dialog>
  );
}
