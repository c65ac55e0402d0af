import { cn } from "#app/_components/ui/class-names.ts";
import { type CropSlide, cropOf, cropUrl } from "#client/crop.ts";
import type { CropSize } from "#domain/crop.ts";
import type { Box } from "#domain/question.ts";

/** A picture of a place on a slide, with a frame around the place where tissue beside it is shown. */
export function SlideCrop(props: {
  readonly slide: CropSlide;
  readonly box: Box;
  readonly label: string;
  /** The box is what was chosen to be shown: no tissue is added around it. */
  readonly exact?: boolean;
  readonly size?: CropSize;
  readonly className?: string;
}) {
  const { slide, box, size = 320 } = props;
  const [minX, minY, maxX, maxY] = box;
  const { crop, frame } = cropOf(slide, box);
  const shown = props.exact === true ? { minX, minY, maxX, maxY } : crop;
  return (
    <span className={cn("relative block overflow-hidden rounded-md border bg-sunken", props.className)}>
      {/* biome-ignore lint/performance/noImgElement: reason: crops are made and cached by our own listener, in the sizes that pages ask for. */}
      <img
        src={cropUrl(slide, shown, size)}
        alt={props.label}
        loading="lazy"
        draggable={false}
        className="block aspect-square size-full object-cover"
      />
      {props.exact === true ? null : (
        <span
          aria-hidden
          className="absolute rounded-[2px] border border-white/90 shadow-[0_0_0_1px_rgb(0_0_0/55%)]"
          style={{
            left: `${frame.left * 100}%`,
            top: `${frame.top * 100}%`,
            width: `${frame.width * 100}%`,
            height: `${frame.height * 100}%`,
          }}
        />
      )}
    </span>
  );
}
