"use client";

import { type RefObject, useEffect, useRef } from "react";

/** For the name of something that was added just now: writing replaces the name that it was given. */
export function useFreshField(isFresh: boolean): RefObject<HTMLInputElement | null> {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFresh) field.current?.select();
  }, [isFresh]);
  return field;
}
