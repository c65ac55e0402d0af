"use client";

import { Plus } from "lucide-react";
import { type MouseEvent, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Field } from "#app/_components/ui/field.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import type { Slide } from "#client/answers.ts";

type Box = [minX: number, minY: number, maxX: number, maxY: number];
export type NewRegion = { readonly slideId: string; readonly name: string; readonly box: Box };

const SIDES_UM = [250, 500, 1_000, 2_000] as const;
const UNKNOWN_MPP = 0.5;

/** A square on the picture of a slide, put there by a press or by two sliders. */
export function RegionPicker(props: {
  readonly slides: readonly Slide[];
  readonly regions: readonly NewRegion[];
  readonly onAdd: (region: NewRegion) => void;
}) {
  const { slides, regions, onAdd } = props;
  const [slideId, setSlideId] = useState(slides[0]?.id ?? "");
  const [name, setName] = useState("");
  const [sideUm, setSideUm] = useState<number>(500);
  const [middle, setMiddle] = useState({ x: 0.5, y: 0.5 });
  const slide = slides.find(({ id }) => id === slideId);
  if (slide === undefined) return <p className="text-muted">Upload slides first.</p>;
  const box = boxAt(slide, middle, sideUm);
  const taken = regions.some((region) => region.slideId === slideId && region.name === name.trim());
  const place = (event: MouseEvent<HTMLDivElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    setMiddle({ x: (event.clientX - left) / width, y: (event.clientY - top) / height });
  };
  return (
    <div className="grid gap-4 md:grid-cols-[minmax(0,1fr)_15rem]">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: reason: the two sliders beside it do the same from the keyboard */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: reason: as above */}
      <div
        className="relative cursor-crosshair self-start overflow-hidden rounded-md border"
        style={{ aspectRatio: `${slide.width} / ${slide.height}` }}
        onClick={place}
        data-testid="region-picker"
      >
        {/* biome-ignore lint/performance/noImgElement: reason: tiles are served beside the page framework */}
        <img src={slide.thumbnailUrl} alt={`Slide ${slide.name}`} className="size-full" draggable={false} />
        {regions
          .filter((region) => region.slideId === slideId)
          .map((region) => (
            <Mark key={region.name} slide={slide} box={region.box} label={region.name} className="border-ink/70" />
          ))}
        <Mark slide={slide} box={box} label="" className="border-accent bg-accent/15" />
      </div>
      <div className="flex flex-col gap-3">
        <Field label="Slide">
          {(control) => (
            <Select
              {...control}
              value={slideId}
              onValueChange={setSlideId}
              options={slides.map(({ id, name: label }) => ({ value: id, label }))}
            />
          )}
        </Field>
        <Field label="Side">
          {(control) => (
            <Select
              {...control}
              value={String(sideUm)}
              onValueChange={(value) => setSideUm(Number(value))}
              options={SIDES_UM.map((side) => ({ value: String(side), label: `${side} µm` }))}
            />
          )}
        </Field>
        <Slider label="Across" value={middle.x} onChange={(x) => setMiddle({ ...middle, x })} />
        <Slider label="Down" value={middle.y} onChange={(y) => setMiddle({ ...middle, y })} />
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              value={name}
              maxLength={80}
              placeholder="Invasive front"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button
          disabled={name.trim() === "" || taken}
          onClick={() => {
            onAdd({ slideId, name: name.trim(), box });
            setName("");
          }}
          data-testid="add-region"
        >
          <Plus aria-hidden /> Add region
        </Button>
      </div>
    </div>
  );
}

function Slider(props: { readonly label: string; readonly value: number; readonly onChange: (value: number) => void }) {
  return (
    <label className="flex items-center gap-3 text-muted text-xs">
      <span className="w-12">{props.label}</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.005}
        value={props.value}
        onChange={(event) => props.onChange(Number(event.target.value))}
        className="min-w-0 flex-1 accent-(--accent)"
      />
    </label>
  );
}

function Mark(props: { readonly slide: Slide; readonly box: Box; readonly label: string; readonly className: string }) {
  const [minX, minY, maxX, maxY] = props.box;
  const { width, height } = props.slide;
  const style = {
    left: `${(minX / width) * 100}%`,
    top: `${(minY / height) * 100}%`,
    width: `${((maxX - minX) / width) * 100}%`,
    height: `${((maxY - minY) / height) * 100}%`,
  };
  return (
    <span className={`pointer-events-none absolute border-2 ${props.className}`} style={style}>
      {props.label === "" ? null : (
        <span className="absolute top-full left-0 whitespace-nowrap rounded bg-panel/90 px-1 text-2xs">
          {props.label}
        </span>
      )}
    </span>
  );
}

/** A square of that side around a place, moved onto the slide where it would stand out; level-0 px, whole. */
function boxAt(slide: Slide, middle: { readonly x: number; readonly y: number }, sideUm: number): Box {
  const side = Math.min(sideUm / (slide.mpp ?? UNKNOWN_MPP), slide.width, slide.height);
  const from = (share: number, size: number) => Math.round(Math.max(0, Math.min(size - side, share * size - side / 2)));
  const [x, y] = [from(middle.x, slide.width), from(middle.y, slide.height)];
  return [x, y, Math.min(slide.width, Math.round(x + side)), Math.min(slide.height, Math.round(y + side))];
}
