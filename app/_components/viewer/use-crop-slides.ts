"use client";

import { useEffect, useState } from "react";
import { api } from "#client/api.ts";
import { type CropSlide, cropSlide } from "#client/crop.ts";
import { useVisit } from "./session.tsx";

type Slides = ReadonlyMap<string, CropSlide>;

/** Asked for once a visit: an example may lie on any slide of the project. */
const asked = new WeakMap<object, Promise<Slides>>();
const NONE: Slides = new Map();

/** Slides of the project as pictures of examples need them; none until they are here, or where they cannot be fetched. */
export function useCropSlides(): Slides {
  const { session, projectId } = useVisit();
  const [slides, setSlides] = useState(NONE);
  useEffect(() => {
    let isGone = false;
    const asking =
      asked.get(session) ??
      api.slides.list(projectId).then((list) => new Map(list.map((slide) => [slide.id, cropSlide(slide)])));
    asked.set(session, asking);
    asking.then(
      (found) => isGone || setSlides(found),
      () => asked.delete(session),
    );
    return () => {
      isGone = true;
    };
  }, [session, projectId]);
  return slides;
}
