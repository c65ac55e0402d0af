import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./class-names.ts";

const buttonStyle = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors duration-100 disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-3.5 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "border border-transparent bg-accent text-on-accent hover:bg-accent-hover",
        secondary: "border border-line-strong bg-panel text-ink shadow-soft hover:bg-hover",
        ghost: "text-muted hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
        danger: "border border-line-strong bg-panel text-bad-ink shadow-soft hover:border-bad hover:bg-bad-soft",
        link: "h-auto! px-0! text-accent-ink underline-offset-2 hover:underline",
      },
      size: {
        sm: "h-7 px-2 text-xs",
        md: "h-8 px-3 text-sm",
        lg: "h-9 px-4 text-sm",
        icon: "size-7 text-sm [&_svg]:size-4",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonStyle> & {
    /** Renders its one child (a link) in this style. */
    readonly asChild?: boolean;
    /** Shows a spinner and takes no clicks. */
    readonly busy?: boolean;
  };

export function Button({ className, variant, size, asChild, busy, children, disabled, type, ...rest }: ButtonProps) {
  const style = cn(buttonStyle({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={style} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type={type ?? "button"}
      className={style}
      disabled={disabled === true || busy === true}
      aria-busy={busy}
      {...rest}
    >
      {busy ? <LoaderCircle className="animate-spin" aria-hidden /> : null}
      {children}
    </button>
  );
}
