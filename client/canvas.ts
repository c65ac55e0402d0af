import type { ViewSize } from "./slide-view.ts";

/** A canvas that fills a container, in device px; `scale` is device px per CSS px. */
export type FullCanvas = {
  readonly element: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** Makes it as large as the view and a margin around it (CSS px), cleared. @returns device px per CSS px */
  readonly begin: (size: ViewSize, margin?: number) => number;
};

/**
 * Adds a canvas over a container's earlier children.
 * @param name becomes the class `concord-canvas-<name>`, for styles and tests
 * @throws Error where the browser gives no 2D context
 */
export function addCanvas(container: HTMLElement, name: string, zIndex: number): FullCanvas {
  const element = document.createElement("canvas");
  element.className = `concord-canvas-${name}`;
  Object.assign(element.style, { position: "absolute", left: "0", top: "0", zIndex: String(zIndex) });
  element.style.pointerEvents = "none";
  container.append(element);
  const context = element.getContext("2d");
  if (context === null) throw new Error("this browser gives no 2D canvas");
  return {
    element,
    context,
    begin: (size, margin = 0) => {
      const ratio = window.devicePixelRatio || 1;
      const [cssWidth, cssHeight] = [size.width + 2 * margin, size.height + 2 * margin];
      const [width, height] = [Math.round(cssWidth * ratio), Math.round(cssHeight * ratio)];
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
        element.style.width = `${cssWidth}px`;
        element.style.height = `${cssHeight}px`;
      }
      element.style.left = `${-margin}px`;
      element.style.top = `${-margin}px`;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, width, height);
      return ratio;
    },
  };
}
