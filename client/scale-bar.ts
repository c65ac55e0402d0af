import { micronPerPx, objectivePower } from "#domain/units.ts";
import type { SlideView } from "./slide-view.ts";

const MAX_BAR_PX = 140;
/** Powers that microscopes have. */
export const MAGNIFICATIONS = [1.25, 2.5, 5, 10, 20, 40] as const;

export type ScaleBar = { readonly lengthUm: number; readonly widthPx: number; readonly label: string };
export type Magnification = {
  readonly label: string;
  /** Larger than the scan's own power: bigger pixels, no more detail. */
  readonly digital: boolean;
};

/**
 * The longest of 1, 2 or 5 times a power of ten that fits.
 * @param scale CSS px per level-0 px
 */
export function scaleBar(mpp: number, scale: number): ScaleBar {
  const umPerPx = mpp / scale;
  const most = MAX_BAR_PX * umPerPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const lengthUm = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  const label = lengthUm >= 1000 ? `${lengthUm / 1000} mm` : `${Number(lengthUm.toPrecision(3))} µm`;
  return { lengthUm, widthPx: lengthUm / umPerPx, label };
}

/** The power of the scan: what the file says, else what its scale amounts to; null where neither is known. */
export function scanPower(slide: { readonly objective: number | null; readonly mpp: number | null }): number | null {
  if (slide.objective !== null) return slide.objective;
  return slide.mpp === null ? null : nearestPower(objectivePower(micronPerPx(slide.mpp)));
}

/** What a microscope would show at this zoom; a share of the scan's pixels where its power is unknown. */
export function magnification(power: number | null, zoom: number): Magnification {
  const scale = 2 ** zoom;
  const digital = scale > 1.005;
  if (power === null) return { label: `${(scale * 100).toPrecision(3)} % of scan`, digital };
  const value = power * scale;
  return { label: `${Number(value >= 10 ? value.toFixed(1) : value.toPrecision(2))}×`, digital };
}

/** The zoom at which a scan of this power shows as another. */
export function zoomForPower(wanted: number, power: number): number {
  return Math.log2(wanted / power);
}

/** Keeps an element with a `data-bar` and a `data-label` part at the scale of the view. @returns stops it */
export function attachScaleBar(view: SlideView, element: HTMLElement, mpp: number): () => void {
  const bar = element.querySelector<HTMLElement>("[data-bar]");
  const label = element.querySelector<HTMLElement>("[data-label]");
  const update = () => {
    const { widthPx, label: text } = scaleBar(mpp, view.scale);
    if (bar !== null) bar.style.width = `${widthPx}px`;
    if (label !== null) label.textContent = text;
  };
  update();
  return view.watch(update);
}

/** Scales are stated with noise: 0.2477 um/px is a 40x scan. */
function nearestPower(power: number): number {
  const near = [1.25, 2.5, 4, 5, 10, 20, 40, 60, 63, 80, 100].find((each) => Math.abs(each / power - 1) < 0.12);
  return near ?? Number(power.toPrecision(2));
}
