import { cn } from "#app/_components/ui/class-names.ts";
import type { Reference } from "#client/answers.ts";
import { cropOf, cropUrl } from "#client/crop.ts";
import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import type { CropSize } from "#domain/crop.ts";

/** A picture of a place with tissue around it, and the outline that is meant drawn into it. */
export function PlaceCrop(props: {
  readonly place: Pick<Reference, "slide" | "box" | "outline">;
  readonly label: string;
  readonly size?: CropSize;
  readonly className?: string;
}) {
  const { place, size = 320 } = props;
  const { crop } = cropOf(place.slide, place.box);
  const [across, down] = [crop.maxX - crop.minX, crop.maxY - crop.minY];
  return (
    <span className={cn("relative block overflow-hidden rounded-md border bg-sunken", props.className)}>
      {/* biome-ignore lint/performance/noImgElement: reason: crops are made and cached by our own listener, in the sizes that pages ask for. */}
      <img
        src={cropUrl(place.slide, crop, size)}
        alt={props.label}
        draggable={false}
        className="block aspect-square size-full object-cover"
      />
      <svg
        aria-hidden="true"
        viewBox={`${crop.minX} ${crop.minY} ${across} ${down}`}
        preserveAspectRatio="xMidYMid slice"
        className="pointer-events-none absolute inset-0 size-full fill-none [stroke-linejoin:round]"
      >
        <path d={pathOf(place)} vectorEffect="non-scaling-stroke" strokeWidth={4} className="stroke-black/55" />
        <path d={pathOf(place)} vectorEffect="non-scaling-stroke" strokeWidth={2} className="stroke-white" />
      </svg>
    </span>
  );
}

function pathOf({ outline, box }: Pick<Reference, "box" | "outline">): string {
  if (outline === null) {
    const [minX, minY, maxX, maxY] = box;
    return `M${minX} ${minY}H${maxX}V${maxY}H${minX}Z`;
  }
  return partsOf(outline)
    .map(({ points, closed }) => `M${points.map(([x, y]) => `${x} ${y}`).join("L")}${closed ? "Z" : ""}`)
    .join("");
}

type Part = { readonly points: readonly (readonly [number, number])[]; readonly closed: boolean };

/** A point is drawn as a small cross, so that what lies under it can be seen. */
function partsOf(outline: Geometry): Part[] {
  if (outline.type === "line") return [{ points: outline.points, closed: false }];
  if (outline.type !== "point")
    return polygonsOf(outline)
      .flat()
      .map((points) => ({ points, closed: true }));
  const [x, y] = outline.at;
  return [
    {
      points: [
        [x - CROSS, y],
        [x + CROSS, y],
      ],
      closed: false,
    },
    {
      points: [
        [x, y - CROSS],
        [x, y + CROSS],
      ],
      closed: false,
    },
  ];
}

/** Half the width of a cross, level-0 px. */
const CROSS = 12;
