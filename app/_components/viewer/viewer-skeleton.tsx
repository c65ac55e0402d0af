/** The viewer's frame before it has anything to show; the same measures, so that nothing shifts. */
export function ViewerSkeleton() {
  return (
    <div data-theme="dark" className="grid h-dvh grid-rows-[44px_minmax(0,1fr)] bg-canvas text-ink">
      <div className="border-b bg-panel" />
      <div className="grid grid-cols-[minmax(0,1fr)_300px] max-md:grid-cols-1 max-md:grid-rows-2">
        <div className="bg-sunken" role="status" aria-label="Opening the slide" />
        <div className="border-l bg-panel max-md:border-t max-md:border-l-0" />
      </div>
    </div>
  );
}
