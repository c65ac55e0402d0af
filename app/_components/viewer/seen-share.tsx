import { useStore } from "zustand";
import { Callout } from "#app/_components/ui/callout.tsx";
import { percent } from "#app/_lib/format.ts";
import type { Screening } from "#client/screening.ts";

/** What the share is a share of. */
export function seenWords(isTissue: boolean): string {
  return isTissue ? "of the tissue" : "of the slide";
}

/** How much was seen at working magnification, as a line of a list of facts. */
export function SeenShare({ screening }: { readonly screening: Screening }) {
  const { share, isTissue } = useStore(screening.store);
  return (
    <>
      <dt className="text-muted">Seen at working magnification</dt>
      <dd className="tabular text-right" data-testid="seen-share">
        {percent(share)} {seenWords(isTissue)}
      </dd>
    </>
  );
}

/** Said before somebody hands in what they have hardly looked at. */
export function SeenWarning({ screening }: { readonly screening: Screening }) {
  const { share, wantedShare, isTissue } = useStore(screening.store);
  if (share >= wantedShare) return null;
  return (
    <Callout kind="warn" className="mt-3">
      The study asks for {percent(wantedShare)} {seenWords(isTissue)} to be seen; {percent(share)} was. You may hand in
      all the same; the share is kept with your signature.
    </Callout>
  );
}
