import type { ComponentProps } from "react";
import { cn } from "./class-names.ts";

export function Table({ className, ...rest }: ComponentProps<"table">) {
  return (
    // Positioned, so that words for screen readers in it scroll with it and do not widen the page.
    <div className="scroll-thin scroll-more relative w-full overflow-x-auto">
      <table className={cn("w-full border-collapse text-left text-sm", className)} {...rest} />
    </div>
  );
}

export function TableHead({ className, ...rest }: ComponentProps<"thead">) {
  return <thead className={cn("border-b bg-canvas", className)} {...rest} />;
}

export function HeadCell({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn("h-8 whitespace-nowrap px-3 font-medium text-faint text-xs first:pl-4 last:pr-4", className)}
      {...rest}
    />
  );
}

export function TableBody({ className, ...rest }: ComponentProps<"tbody">) {
  return <tbody className={cn("divide-y divide-line", className)} {...rest} />;
}

export function Row({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("transition-colors hover:bg-hover/60", className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cn("h-10 px-3 py-1.5 align-middle first:pl-4 last:pr-4", className)} {...rest} />;
}
